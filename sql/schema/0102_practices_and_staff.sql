-- Practices, and who works there.
--
-- Every row of every table names its practice. References are by (practice_id, id): PostgreSQL checks them without
-- row-level security, so a reference by id alone could point into another practice. The unique index that this needs is the
-- one that lists are read by: WHERE practice_id = ... AND id < cursor ORDER BY id DESC.
-- Secrets of sign-in are not here but in auth.account, which the api role cannot read.

CREATE TABLE anamnesis.practice (
    id                   uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    name                 text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    patient_mfa          text NOT NULL DEFAULT 'optional' CHECK (patient_mfa IN ('required', 'optional')),
    created_at           timestamptz NOT NULL DEFAULT now(),
    -- Limits of sessions that begin from now on.
    staff_idle_minutes   integer NOT NULL DEFAULT 15 CHECK (staff_idle_minutes BETWEEN 5 AND 60),
    patient_idle_minutes integer NOT NULL DEFAULT 30 CHECK (patient_idle_minutes BETWEEN 5 AND 120),
    session_hours        integer NOT NULL DEFAULT 12 CHECK (session_hours BETWEEN 1 AND 12),
    revision             integer NOT NULL DEFAULT 1,
    -- Which patients physicians and assistants see: all of the practice, or those whose care team they are of. Owners set
    -- the policy and make the teams, so they see all; auditors open no answers anyway.
    patient_access       text NOT NULL DEFAULT 'all' CHECK (patient_access IN ('all', 'care-team')),
    -- Messages are written in their reader's language, or in this one, and in the practice's time.
    language             text NOT NULL DEFAULT 'en' CHECK (length(language) BETWEEN 2 AND 35),   -- BCP 47
    time_zone            text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 64), -- IANA
    -- Who of the staff may propose another address for a patient, besides owners: physicians, or assistants too.
    patient_email_by     text NOT NULL DEFAULT 'physician' CHECK (patient_email_by IN ('physician', 'assistant'))
);

-- Staff's data keys are here and not in a table of their own (as anamnesis.data_key is): nobody of the staff is erased,
-- because the audit log names them.
CREATE TABLE anamnesis.staff (
    id          uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id uuid NOT NULL REFERENCES anamnesis.practice (id),
    role        text NOT NULL CHECK (role IN ('owner', 'physician', 'assistant', 'auditor')),
    status      text NOT NULL DEFAULT 'active',
    email_index bytea NOT NULL CHECK (octet_length(email_index) = 32),
    wrapped_key bytea NOT NULL CHECK (octet_length(wrapped_key) BETWEEN 60 AND 200),
    email       phi.sealed NOT NULL,
    name        phi.sealed NOT NULL,
    revision    integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (practice_id, id),
    CONSTRAINT staff_status CHECK (status IN ('invited', 'active', 'disabled')),
    -- One person may be of the staff of two practices with one address.
    CONSTRAINT staff_email_key UNIQUE (practice_id, email_index)
);
CREATE INDEX staff_by_email ON anamnesis.staff (email_index); -- staff signs in without naming a practice
