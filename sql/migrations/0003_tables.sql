-- The practice, its people, its questionnaires, and what comes back.
--
-- Every row names its practice. References are by (practice_id, id): PostgreSQL checks them without row-level
-- security, so a reference by id alone could point into another practice. The unique index that this needs is the
-- one that lists are read by: WHERE practice_id = ... AND id < cursor ORDER BY id DESC.
-- Secrets of sign-in are not here but in auth.account, which the api role cannot read.

CREATE TABLE anamnesis.practice (
    id          uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    patient_mfa text NOT NULL DEFAULT 'optional' CHECK (patient_mfa IN ('required', 'optional')),
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE anamnesis.staff (
    id          uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id uuid NOT NULL REFERENCES anamnesis.practice (id),
    role        text NOT NULL CHECK (role IN ('owner', 'physician', 'assistant', 'auditor')),
    status      text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    email_index bytea NOT NULL CHECK (octet_length(email_index) = 32),
    wrapped_key bytea NOT NULL CHECK (octet_length(wrapped_key) BETWEEN 60 AND 200),
    email       phi.sealed NOT NULL,
    name        phi.sealed NOT NULL,
    revision    integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT staff_email_key UNIQUE (email_index), -- staff signs in without naming a practice
    UNIQUE (practice_id, id)
);

CREATE TABLE anamnesis.patient (
    id                  uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id         uuid NOT NULL REFERENCES anamnesis.practice (id),
    status              text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived', 'erased')),
    wrapped_key         bytea CHECK (octet_length(wrapped_key) BETWEEN 60 AND 200),
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
    UNIQUE (practice_id, id),
    -- e-mail first: a patient who signs in does not name the practice.
    CONSTRAINT patient_email_key UNIQUE (email_index, practice_id),
    CONSTRAINT patient_record_number_key UNIQUE (practice_id, record_number_index),
    CHECK ((record_number IS NULL) = (record_number_index IS NULL)),
    -- Erasing destroys the key, and with it every value that it sealed, here and in the answers.
    CONSTRAINT patient_erased_or_whole CHECK (CASE status
        WHEN 'erased' THEN num_nonnulls(wrapped_key, given_name, family_name, birth_date, email, record_number,
                                        email_index) = 0
        ELSE num_nulls(wrapped_key, given_name, family_name, birth_date, email, email_index) = 0 END)
);

CREATE TABLE anamnesis.questionnaire (
    id          uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id uuid NOT NULL REFERENCES anamnesis.practice (id),
    status      text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'active', 'retired')),
    title       text NOT NULL,
    revision    integer NOT NULL DEFAULT 1,
    draft       text,    -- FHIR Questionnaire, as it was sent
    version     integer, -- the newest published one
    created_by  uuid NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (practice_id, id),
    CHECK ((status = 'draft') = (version IS NULL)),
    CHECK (draft IS NOT NULL OR version IS NOT NULL)
);

-- Published versions. Nothing here is ever changed: a response says what was asked by pointing here.
CREATE TABLE anamnesis.questionnaire_version (
    practice_id       uuid NOT NULL,
    questionnaire_id  uuid NOT NULL,
    version           integer NOT NULL CHECK (version > 0),
    title             text NOT NULL,
    definition        text NOT NULL,
    definition_sha256 bytea NOT NULL CHECK (octet_length(definition_sha256) = 32),
    published_by      uuid NOT NULL,
    published_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (questionnaire_id, version),
    UNIQUE (practice_id, questionnaire_id, version),
    FOREIGN KEY (practice_id, questionnaire_id) REFERENCES anamnesis.questionnaire (practice_id, id)
);

ALTER TABLE anamnesis.questionnaire ADD FOREIGN KEY (practice_id, id, version)
    REFERENCES anamnesis.questionnaire_version (practice_id, questionnaire_id, version);

CREATE TABLE anamnesis.assignment (
    id               uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id      uuid NOT NULL,
    patient_id       uuid NOT NULL,
    questionnaire_id uuid NOT NULL,
    version          integer NOT NULL,
    status           text NOT NULL DEFAULT 'assigned'
                     CHECK (status IN ('assigned', 'in-progress', 'completed', 'cancelled')),
    due_at           timestamptz,
    revision         integer NOT NULL DEFAULT 1,
    created_by       uuid NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient (practice_id, id),
    FOREIGN KEY (practice_id, questionnaire_id, version)
        REFERENCES anamnesis.questionnaire_version (practice_id, questionnaire_id, version),
    -- A patient's list is read by its first columns; the rest is what a response must agree with.
    CONSTRAINT assignment_whole_key UNIQUE (practice_id, patient_id, id, questionnaire_id, version)
) WITH (fillfactor = 80);

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
    FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient (practice_id, id),
    CHECK ((status = 'used') = (used_at IS NOT NULL))
);
CREATE INDEX invitation_of_patient ON anamnesis.invitation (practice_id, patient_id, id);

-- One response to one assignment. Room is left in each page for the new row versions of auto-save.
CREATE TABLE anamnesis.response (
    id                uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id       uuid NOT NULL,
    patient_id        uuid NOT NULL,
    assignment_id     uuid NOT NULL UNIQUE,
    questionnaire_id  uuid NOT NULL,
    version           integer NOT NULL,
    status            text NOT NULL DEFAULT 'in-progress' CHECK (status IN ('in-progress', 'completed')),
    revision          integer NOT NULL DEFAULT 1,
    answers           phi.sealed NOT NULL, -- FHIR QuestionnaireResponse's items
    scores            phi.sealed,
    answered          integer, -- progress, counted by the form engine
    total             integer,
    required_missing  integer,
    started_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    submitted_at      timestamptz,
    definition_sha256 bytea CHECK (octet_length(definition_sha256) = 32),
    response_sha256   phi.sealed, -- hexadecimal; in clear, few possible answers could be tried until one fits
    FOREIGN KEY (practice_id, patient_id, assignment_id, questionnaire_id, version)
        REFERENCES anamnesis.assignment (practice_id, patient_id, id, questionnaire_id, version),
    -- Completed means: when, what was shown, and what was answered.
    CONSTRAINT response_completed_is_proven CHECK (CASE status
        WHEN 'completed' THEN num_nulls(submitted_at, definition_sha256, response_sha256) = 0
        ELSE num_nonnulls(submitted_at, definition_sha256, response_sha256) = 0 END)
) WITH (fillfactor = 70);
ALTER TABLE anamnesis.response
    ALTER COLUMN answers SET STORAGE EXTERNAL, -- ciphertext does not compress; trying costs at each auto-save
    ALTER COLUMN scores SET STORAGE EXTERNAL;
CREATE INDEX response_of_practice ON anamnesis.response (practice_id, id);
CREATE INDEX response_of_patient ON anamnesis.response (practice_id, patient_id, id);
CREATE INDEX response_of_questionnaire ON anamnesis.response (practice_id, questionnaire_id, id);

-- Messages to send: written by the transaction that causes them, sent by jobs, sealed by the process for jobs.
CREATE TABLE anamnesis.outbox (
    id            uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id   uuid NOT NULL REFERENCES anamnesis.practice (id),
    kind          text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
    sealed        bytea CHECK (octet_length(sealed) > 44), -- more than version, nonce and tag; gone when sent
    created_at    timestamptz NOT NULL DEFAULT now(),
    attempts      integer NOT NULL DEFAULT 0,
    next_at       timestamptz NOT NULL DEFAULT now(),
    claimed_until timestamptz,
    sent_at       timestamptz,
    failed_at     timestamptz, -- given up
    last_error    text CHECK (length(last_error) <= 100), -- a code, never a server's words
    CHECK (sealed IS NOT NULL OR sent_at IS NOT NULL OR failed_at IS NOT NULL)
);
CREATE INDEX outbox_waiting ON anamnesis.outbox (next_at) WHERE sent_at IS NULL AND failed_at IS NULL;

-- Idempotency-Key: the first INSERT wins, the others get its reply. Rows count for 24 hours.
CREATE TABLE anamnesis.idempotency (
    practice_id  uuid NOT NULL REFERENCES anamnesis.practice (id),
    actor_id     uuid NOT NULL,
    key_hash     bytea NOT NULL CHECK (octet_length(key_hash) = 32),
    operation    text NOT NULL,
    body_sha256  bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
    status       integer CHECK (status BETWEEN 100 AND 599),
    reply_sealed bytea CHECK (octet_length(reply_sealed) > 44),
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (practice_id, actor_id, key_hash)
);

-- Immutable, whoever asks. ENABLE ALWAYS: session_replication_role, a superuser's switch, does not turn them off.
CREATE TRIGGER published_for_ever BEFORE UPDATE OR DELETE ON anamnesis.questionnaire_version
    FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER published_for_ever_all BEFORE TRUNCATE ON anamnesis.questionnaire_version
    FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER completed_for_ever BEFORE UPDATE OR DELETE ON anamnesis.response
    FOR EACH ROW WHEN (OLD.status = 'completed') EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER completed_for_ever_all BEFORE TRUNCATE ON anamnesis.response
    FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE anamnesis.questionnaire_version ENABLE ALWAYS TRIGGER published_for_ever;
ALTER TABLE anamnesis.questionnaire_version ENABLE ALWAYS TRIGGER published_for_ever_all;
ALTER TABLE anamnesis.response ENABLE ALWAYS TRIGGER completed_for_ever;
ALTER TABLE anamnesis.response ENABLE ALWAYS TRIGGER completed_for_ever_all;
