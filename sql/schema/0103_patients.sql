-- Patients, their data keys, their invitations, and who of the staff sees them.

-- Several patients of one practice may have one e-mail address (families), and whether a record number is taken is told only
-- to staff who may see whose it is: neither is a unique constraint. auth.patient_claim decides.
CREATE TABLE anamnesis.patient (
    id                  uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id         uuid NOT NULL REFERENCES anamnesis.practice (id),
    status              text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived', 'erased')),
    given_name          phi.sealed,
    family_name         phi.sealed,
    birth_date          phi.sealed,
    email               phi.sealed,
    record_number       phi.sealed,
    email_index         bytea CHECK (octet_length(email_index) = 32),
    record_number_index bytea CHECK (octet_length(record_number_index) = 32),
    language            text CHECK (length(language) <= 35), -- BCP 47
    registered_at       timestamptz,
    revision            integer NOT NULL DEFAULT 1,
    created_by          uuid NOT NULL,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    reminders           boolean NOT NULL DEFAULT true, -- by e-mail, of what is due
    UNIQUE (practice_id, id),
    CHECK ((record_number IS NULL) = (record_number_index IS NULL)),
    -- Erasing destroys the key, and with it every value that it sealed, here and in the answers. What staff knows of a
    -- patient may be one name, and no address at all.
    CONSTRAINT patient_erased_or_whole CHECK (CASE status
        WHEN 'erased' THEN num_nonnulls(given_name, family_name, birth_date, email, record_number, email_index) = 0
        ELSE birth_date IS NOT NULL AND num_nonnulls(given_name, family_name) > 0
             AND (email IS NULL) = (email_index IS NULL) END)
);
-- E-mail first: a patient who signs in does not name the practice.
CREATE INDEX patient_by_email ON anamnesis.patient (email_index, practice_id);
CREATE INDEX patient_by_record_number ON anamnesis.patient (practice_id, record_number_index);
-- Whoever records a patient is of the care team: they would not see what they wrote otherwise.
CREATE TRIGGER joins_care_team AFTER INSERT ON anamnesis.patient
    FOR EACH ROW EXECUTE FUNCTION auth.join_care_team();

-- ------------------------------------------------------------------------------------------------ keys, and their end

-- Patients' data keys in a narrow table of their own. Erasing a patient deletes the row, but what a row held stays in the
-- table's file and in the write-ahead log until both are written anew. A table of some 150 bytes a patient is rewritten in
-- a moment, as often as somebody is erased; a patient's own row, with everything sealed, is not.
CREATE TABLE anamnesis.data_key (
    patient_id  uuid PRIMARY KEY,
    practice_id uuid NOT NULL,
    wrapped_key bytea NOT NULL CHECK (octet_length(wrapped_key) BETWEEN 60 AND 200),
    FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient (practice_id, id)
);
-- In the row itself, and nowhere else: neither in a TOAST table, nor as a sample in pg_statistic.
ALTER TABLE anamnesis.data_key ALTER COLUMN wrapped_key SET STORAGE PLAIN, ALTER COLUMN wrapped_key SET STATISTICS 0;

-- Whose key was destroyed, until nothing of it is left on the server (auth.keys_rewrite and its kin).
CREATE TABLE auth.erasure (
    patient_id   uuid PRIMARY KEY,
    practice_id  uuid NOT NULL,
    position     xid8 NOT NULL DEFAULT pg_current_xact_id(), -- who began before it may still see the row
    erased_at    timestamptz NOT NULL DEFAULT now(),
    rewritten_at timestamptz, -- the table of keys was written anew without it
    passed_at    timestamptz, -- what the server writes since then is in another file of the write-ahead log
    touched_at   timestamptz, -- every file of that log was written to since, but for the rest of the present one
    CHECK (num_nulls(erased_at, rewritten_at, passed_at, touched_at) = CASE
        WHEN rewritten_at IS NULL THEN 3 WHEN passed_at IS NULL THEN 2 WHEN touched_at IS NULL THEN 1 ELSE 0 END)
);

-- ------------------------------------------------------------------------------------------------ invitations

-- A link by which a patient registers; or begins anew after losing the factors (`recovers`), with the birth date asked for
-- again (ASVS 6.4.4: the same proof as at enrolment). Until it is used, nothing changes.
CREATE TABLE anamnesis.invitation (
    id          uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id uuid NOT NULL,
    patient_id  uuid NOT NULL,
    token_hash  bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    status      text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'used', 'revoked', 'spent')),
    delivery    text NOT NULL CHECK (delivery IN ('email', 'link')),
    tries       integer NOT NULL DEFAULT 0,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    created_by  uuid NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    recovers    boolean NOT NULL DEFAULT false,
    hours       integer NOT NULL DEFAULT 72 CHECK (hours BETWEEN 1 AND 720), -- its own span, which resending keeps
    -- Of a shown link for somebody who has registered: the token that went to the stored address at once. By it the patient
    -- says that it is they, or stops it.
    answer_hash bytea UNIQUE CHECK (octet_length(answer_hash) = 32),
    answer      text CHECK (answer IN ('mine', 'stop')),
    FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient (practice_id, id),
    CHECK ((status = 'used') = (used_at IS NOT NULL))
);
CREATE INDEX invitation_of_patient ON anamnesis.invitation (practice_id, patient_id, id);

-- ------------------------------------------------------------------------------------------------ who sees whom

CREATE TABLE anamnesis.care_team (
    practice_id uuid NOT NULL,
    staff_id    uuid NOT NULL,
    patient_id  uuid NOT NULL,
    added_by    uuid NOT NULL,
    added_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (practice_id, staff_id, patient_id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES anamnesis.staff (practice_id, id),
    FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient (practice_id, id)
);
CREATE INDEX care_team_of_patient ON anamnesis.care_team (practice_id, patient_id);

-- In an emergency a physician breaks the glass: one patient, one hour, for a reason that the patient and the owners read.
-- Kept for ever, as the audit log's rows that point here.
CREATE TABLE anamnesis.break_glass (
    id          uuid PRIMARY KEY,
    practice_id uuid NOT NULL,
    patient_id  uuid NOT NULL,
    staff_id    uuid NOT NULL,
    reason      phi.sealed NOT NULL, -- with the patient's key: it may well say what happened to them
    opened_at   timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL DEFAULT now() + interval '1 hour',
    CONSTRAINT break_glass_of_practice UNIQUE (practice_id, id), -- the list is read by it
    FOREIGN KEY (practice_id, staff_id) REFERENCES anamnesis.staff (practice_id, id),
    FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient (practice_id, id)
);
CREATE INDEX break_glass_open ON anamnesis.break_glass (practice_id, staff_id, patient_id, expires_at);
-- ENABLE ALWAYS, here and wherever refuse_change() stands: session_replication_role, a superuser's switch, does not turn
-- such a trigger off.
CREATE TRIGGER broken_for_ever BEFORE UPDATE OR DELETE ON anamnesis.break_glass
    FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER broken_for_ever_all BEFORE TRUNCATE ON anamnesis.break_glass
    FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE anamnesis.break_glass ENABLE ALWAYS TRIGGER broken_for_ever;
ALTER TABLE anamnesis.break_glass ENABLE ALWAYS TRIGGER broken_for_ever_all;
