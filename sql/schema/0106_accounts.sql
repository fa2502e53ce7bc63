-- What people sign in with, and how they come by it. The api role reaches none of these tables: it may only execute
-- functions, each of which does one narrow thing. Secrets come in as hashes; passwords and one-time codes are checked in the
-- process, so a caller is believed when it says that one was right, but every code, link and challenge is spent in the
-- database, atomically, where two requests cannot both win.

-- TOTP seeds are sealed by the process: the database cannot read them.
--
-- WebAuthn's user handle goes to authenticators and back: it says nothing of whose account it is. The two marks beside it
-- say which transaction has spent a challenge for the account, and which has taken a passkey as a whole sign-in.
--
-- Held: the answers that were begun before `held_since` open for their patient when the password from before was given, a
-- link to the stored address was answered, or the time has passed. `held_mail`: whether the mailbox proves anything.
CREATE TABLE auth.account (
    id              uuid PRIMARY KEY, -- of the member of staff or the patient
    practice_id     uuid NOT NULL REFERENCES anamnesis.practice (id),
    realm           text NOT NULL CHECK (realm IN ('staff', 'patient')),
    password_hash   text NOT NULL,
    totp_sealed     bytea CHECK (octet_length(totp_sealed) > 44),
    totp_pending    bytea CHECK (octet_length(totp_pending) > 44), -- shown, but not confirmed yet
    totp_step       bigint NOT NULL DEFAULT 0,                     -- the last one that was accepted
    factor_xact     xid8, -- the transaction that last accepted a second factor
    created_at      timestamptz NOT NULL DEFAULT now(),
    passkey_handle  uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    passkey_asked   xid8,
    passkey_purpose text,
    passkey_xact    xid8,
    recover_only    boolean NOT NULL DEFAULT false, -- after an objection: no way in but the practice's
    held_since      timestamptz,
    held_until      timestamptz,
    held_password   text,
    held_mail       boolean NOT NULL DEFAULT false,
    CONSTRAINT account_held CHECK (num_nulls(held_since, held_until, held_password) IN (0, 3))
) WITH (fillfactor = 80);

CREATE TABLE auth.recovery_code (
    account_id uuid NOT NULL REFERENCES auth.account (id),
    code_hash  bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    used_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, code_hash)
);

-- ------------------------------------------------------------------------------------------------ passkeys

-- Passkeys (Web Authentication): as a second factor, for fresh proof, and as a whole sign-in. The process checks what the
-- browser gives; that a challenge is ours, in time, for this purpose and used once, and that a count rose, is decided in the
-- database. Credential id, public key, transports and name are sealed by the process; it is found by a keyed index of its id.
CREATE TABLE auth.passkey (
    id               uuid PRIMARY KEY,
    practice_id      uuid NOT NULL REFERENCES anamnesis.practice (id),
    account_id       uuid NOT NULL REFERENCES auth.account (id) ON DELETE CASCADE,
    credential_index bytea NOT NULL UNIQUE CHECK (octet_length(credential_index) = 32),
    passkey_sealed   bytea NOT NULL CHECK (octet_length(passkey_sealed) > 44),
    revision         integer NOT NULL DEFAULT 1,
    sign_count       bigint NOT NULL CHECK (sign_count BETWEEN 0 AND 4294967295),
    backup_eligible  boolean NOT NULL,
    backed_up        boolean NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    last_used_at     timestamptz,
    doubted_at       timestamptz -- when its count first went back: there may be two of it
) WITH (fillfactor = 80);
CREATE INDEX passkey_of_account ON auth.passkey (account_id);

-- A challenge is there until it is answered, or five minutes. Without an account: for whoever signs in with it.
CREATE TABLE auth.passkey_challenge (
    challenge_hash bytea PRIMARY KEY CHECK (octet_length(challenge_hash) = 32),
    realm          text NOT NULL CHECK (realm IN ('staff', 'patient')),
    purpose        text NOT NULL CHECK (purpose IN ('register', 'mfa', 'step-up', 'sign-in')),
    practice_id    uuid REFERENCES anamnesis.practice (id),
    account_id     uuid REFERENCES auth.account (id) ON DELETE CASCADE,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at     timestamptz NOT NULL DEFAULT now() + interval '5 minutes',
    CHECK ((account_id IS NULL) = (purpose = 'sign-in') AND (practice_id IS NULL) = (account_id IS NULL))
);
CREATE INDEX passkey_challenge_of_account ON auth.passkey_challenge (account_id);
CREATE INDEX passkey_challenge_by_time ON auth.passkey_challenge (expires_at);

-- ------------------------------------------------------------------------------------------------ links and addresses

-- Staff join by a link that goes to their own address: single use, limited in time. The same link lets somebody who has
-- lost their factors begin anew.
CREATE TABLE auth.staff_invitation (
    token_hash  bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    practice_id uuid NOT NULL REFERENCES anamnesis.practice (id),
    staff_id    uuid NOT NULL REFERENCES anamnesis.staff (id),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz, -- or replaced by a newer one, or taken back
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX staff_invitation_of_staff ON auth.staff_invitation (staff_id);

-- An address that somebody signs in with is a credential. Another one is proposed, counts when the link that went to it was
-- opened, and can be objected to from the former one for seven days.
CREATE TABLE auth.address_change (
    id            uuid PRIMARY KEY,
    practice_id   uuid NOT NULL REFERENCES anamnesis.practice (id),
    realm         text NOT NULL CHECK (realm IN ('staff', 'patient')),
    account_id    uuid NOT NULL, -- of the member of staff or the patient, whose data key seals both addresses
    proposed_by   uuid NOT NULL, -- the same, or somebody of the practice
    old_email     phi.sealed,
    new_email     phi.sealed NOT NULL,
    -- Under which the former address was found: nobody else takes it while its holder may object.
    old_index     bytea CHECK (octet_length(old_index) = 32),
    confirm_hash  bytea NOT NULL UNIQUE CHECK (octet_length(confirm_hash) = 32), -- its token went to the new address
    object_hash   bytea UNIQUE CHECK (octet_length(object_hash) = 32),           -- its token went to the former one
    again_hash    bytea UNIQUE CHECK (octet_length(again_hash) = 32),            -- the same, once it was confirmed
    proposed_at   timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    confirmed_at  timestamptz,
    object_until  timestamptz,
    ended_at      timestamptz, -- replaced by another proposal, or objected to
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
