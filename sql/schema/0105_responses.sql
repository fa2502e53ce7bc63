-- What patients are asked, and what they answer.

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
    CONSTRAINT assignment_whole_key UNIQUE (practice_id, patient_id, id, questionnaire_id, version),
    -- From 2000 to twenty years after it was set, as openapi.yaml has it (DueAt): what is further away has a year of five
    -- digits, which no program that reads the contract can take. Twenty years are at most 7305 days; the clocks of the
    -- workers and of the database may differ by the rest.
    CONSTRAINT assignment_due_at_range
        CHECK (due_at >= timestamptz '2000-01-01T00:00:00Z' AND due_at - created_at <= interval '7306 days')
) WITH (fillfactor = 80);
-- How many have not completed which version: what publishing shows beforehand.
CREATE INDEX assignment_open ON anamnesis.assignment (practice_id, questionnaire_id, version, status)
    WHERE status IN ('assigned', 'in-progress');
CREATE TRIGGER moves_forward BEFORE UPDATE OF version ON anamnesis.assignment
    FOR EACH ROW EXECUTE FUNCTION anamnesis.assignment_moves();
ALTER TABLE anamnesis.assignment ENABLE ALWAYS TRIGGER moves_forward;

-- An assignment has one response, and amendments of it: each a row of its own that names the one it amends. `amended` is a
-- completed amendment, `stopped` one that was given up (FHIR's words for both). Room is left in each page for the new row
-- versions of auto-save.
CREATE TABLE anamnesis.response (
    id                uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id       uuid NOT NULL,
    patient_id        uuid NOT NULL,
    assignment_id     uuid NOT NULL,
    questionnaire_id  uuid NOT NULL,
    version           integer NOT NULL,
    status            text NOT NULL DEFAULT 'in-progress',
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
    amendment         integer NOT NULL DEFAULT 0 CHECK (amendment >= 0),
    amends            uuid,
    -- The revision since which the present version counts. An auto-save that is based on an older one answers other
    -- questions.
    version_revision  integer NOT NULL DEFAULT 1,
    CONSTRAINT response_of_patient UNIQUE (practice_id, patient_id, id),
    CONSTRAINT response_of_assignment_key UNIQUE (assignment_id, id),
    CONSTRAINT response_amendment_key UNIQUE (assignment_id, amendment),
    -- The response's version follows its assignment's.
    CONSTRAINT response_of_assignment FOREIGN KEY (practice_id, patient_id, assignment_id, questionnaire_id, version)
        REFERENCES anamnesis.assignment (practice_id, patient_id, id, questionnaire_id, version) ON UPDATE CASCADE,
    CONSTRAINT response_amends FOREIGN KEY (assignment_id, amends) REFERENCES anamnesis.response (assignment_id, id),
    CONSTRAINT response_status CHECK (CASE amendment WHEN 0 THEN amends IS NULL AND status IN ('in-progress', 'completed')
        ELSE amends IS NOT NULL AND status IN ('in-progress', 'amended', 'stopped') END),
    -- Completed means: when, what was shown, and what was answered.
    CONSTRAINT response_completed_is_proven CHECK (CASE WHEN status IN ('completed', 'amended')
        THEN num_nulls(submitted_at, definition_sha256, response_sha256) = 0
        ELSE num_nonnulls(submitted_at, definition_sha256, response_sha256) = 0 END)
) WITH (fillfactor = 70);
ALTER TABLE anamnesis.response
    ALTER COLUMN answers SET STORAGE EXTERNAL, -- ciphertext does not compress; trying costs at each auto-save
    ALTER COLUMN scores SET STORAGE EXTERNAL;
CREATE INDEX response_of_practice ON anamnesis.response (practice_id, id);
CREATE INDEX response_of_questionnaire ON anamnesis.response (practice_id, questionnaire_id, id);
CREATE UNIQUE INDEX response_open ON anamnesis.response (assignment_id) WHERE status = 'in-progress';
-- A completed one is amended once; what comes after amends the amendment.
CREATE UNIQUE INDEX response_amended_once ON anamnesis.response (amends) WHERE status <> 'stopped';

CREATE TRIGGER completed_for_ever BEFORE UPDATE OR DELETE ON anamnesis.response
    FOR EACH ROW WHEN (OLD.status <> 'in-progress') EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER completed_for_ever_all BEFORE TRUNCATE ON anamnesis.response
    FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE anamnesis.response ENABLE ALWAYS TRIGGER completed_for_ever;
ALTER TABLE anamnesis.response ENABLE ALWAYS TRIGGER completed_for_ever_all;

-- A response in progress that was carried over to a newer version: the answers as they were, and what did not fit.
CREATE TABLE anamnesis.response_migration (
    id           uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id  uuid NOT NULL,
    patient_id   uuid NOT NULL,
    response_id  uuid NOT NULL,
    from_version integer NOT NULL,
    to_version   integer NOT NULL,
    revision     integer NOT NULL,    -- of the response, before
    answers      phi.sealed NOT NULL, -- as they were stored
    dropped      phi.sealed NOT NULL, -- JSON array of {path, reason, detail, answers}
    migrated_at  timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (practice_id, patient_id, response_id) REFERENCES anamnesis.response (practice_id, patient_id, id),
    CHECK (from_version < to_version)
);
ALTER TABLE anamnesis.response_migration
    ALTER COLUMN answers SET STORAGE EXTERNAL,
    ALTER COLUMN dropped SET STORAGE EXTERNAL;
CREATE INDEX migration_of_response ON anamnesis.response_migration (response_id, id);
CREATE TRIGGER migrated_for_ever BEFORE UPDATE OR DELETE ON anamnesis.response_migration
    FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER migrated_for_ever_all BEFORE TRUNCATE ON anamnesis.response_migration
    FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE anamnesis.response_migration ENABLE ALWAYS TRIGGER migrated_for_ever;
ALTER TABLE anamnesis.response_migration ENABLE ALWAYS TRIGGER migrated_for_ever_all;
