-- An address that somebody signs in with is a credential. Another one is proposed, counts when the link that went to it was
-- opened, and can be objected to from the former one for seven days. Answers from before a recovery that others saw are held.

CREATE TABLE auth.address_change (
    id           uuid PRIMARY KEY,
    practice_id  uuid NOT NULL REFERENCES anamnesis.practice (id),
    realm        text NOT NULL CHECK (realm IN ('staff', 'patient')),
    account_id   uuid NOT NULL, -- of the member of staff or the patient, whose data key seals both addresses
    proposed_by  uuid NOT NULL, -- the same, or somebody of the practice
    old_email    phi.sealed,
    new_email    phi.sealed NOT NULL,
    -- Under which the former address was found: nobody else takes it while its holder may object.
    old_index    bytea CHECK (octet_length(old_index) = 32),
    confirm_hash bytea NOT NULL UNIQUE CHECK (octet_length(confirm_hash) = 32), -- its token went to the new address
    object_hash  bytea UNIQUE CHECK (octet_length(object_hash) = 32),           -- its token went to the former one
    again_hash   bytea UNIQUE CHECK (octet_length(again_hash) = 32),            -- the same, once it was confirmed
    proposed_at  timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    confirmed_at timestamptz,
    object_until timestamptz,
    ended_at     timestamptz, -- replaced by another proposal, or objected to
    -- A patient of whom the practice has no address registers with one of their own, which ends the invitation.
    invitation_id uuid REFERENCES anamnesis.invitation (id),
    password_hash text,
    CHECK (num_nonnulls(old_index, again_hash, object_until) = CASE WHEN confirmed_at IS NULL OR old_email IS NULL
           THEN 0 ELSE 3 END),
    CHECK ((old_email IS NULL) = (object_hash IS NULL)),
    CHECK (num_nonnulls(invitation_id, password_hash) = CASE WHEN old_email IS NULL AND confirmed_at IS NULL THEN 2 ELSE 0 END)
);
CREATE UNIQUE INDEX address_change_open ON auth.address_change (account_id) WHERE confirmed_at IS NULL AND ended_at IS NULL;
CREATE INDEX address_change_of_account ON auth.address_change (account_id, proposed_at);
CREATE INDEX address_change_kept ON auth.address_change (old_index) WHERE old_index IS NOT NULL;

-- Held: the answers that were begun before `held_since` open for their patient when the password from before was given, a
-- link to the stored address was answered, or the time has passed. `held_mail`: whether the mailbox proves anything.
ALTER TABLE auth.account
    ADD COLUMN recover_only  boolean NOT NULL DEFAULT false, -- after an objection: no way in but the practice's
    ADD COLUMN held_since    timestamptz,
    ADD COLUMN held_until    timestamptz,
    ADD COLUMN held_password text,
    ADD COLUMN held_mail     boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT account_held CHECK (num_nulls(held_since, held_until, held_password) IN (0, 3));
ALTER TABLE auth.session
    ADD COLUMN held_since timestamptz,
    ADD COLUMN held_until timestamptz;

-- Who of the staff may propose another address for a patient, besides owners: physicians, or assistants too.
ALTER TABLE anamnesis.practice
    ADD COLUMN patient_email_by text NOT NULL DEFAULT 'physician' CHECK (patient_email_by IN ('physician', 'assistant'));

-- An invitation's own span, which resending keeps; and, of a shown link for somebody who has registered, the token that
-- went to the stored address at once: by it the patient says that it is they, or stops it.
ALTER TABLE anamnesis.invitation
    ADD COLUMN hours         integer NOT NULL DEFAULT 72 CHECK (hours BETWEEN 1 AND 720),
    ADD COLUMN answer_hash   bytea UNIQUE CHECK (octet_length(answer_hash) = 32),
    ADD COLUMN answer        text CHECK (answer IN ('mine', 'stop'));
UPDATE anamnesis.invitation
SET hours = least(720, greatest(1, round(extract(epoch FROM expires_at - created_at) / 3600)))::integer
WHERE status <> 'pending' OR expires_at > now();

-- What staff knows of a patient may be one name, and no address at all.
ALTER TABLE anamnesis.patient
    DROP CONSTRAINT patient_erased_or_whole,
    ADD CONSTRAINT patient_erased_or_whole CHECK (CASE status
        WHEN 'erased' THEN num_nonnulls(given_name, family_name, birth_date, email, record_number, email_index) = 0
        ELSE birth_date IS NOT NULL AND num_nonnulls(given_name, family_name) > 0
             AND (email IS NULL) = (email_index IS NULL) END);
