-- Versions over time: value sets that a version freezes, drafts that move to a newer version, responses that are
-- amended.

-- ----------------------------------------------------------------------------------------------- value sets

-- FHIR ValueSets of the practice. What a published version uses is copied into it: these may change and go.
CREATE TABLE anamnesis.value_set (
    id          uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id uuid NOT NULL REFERENCES anamnesis.practice (id),
    url         text NOT NULL CHECK (octet_length(url) BETWEEN 1 AND 1024),
    version     text NOT NULL DEFAULT '' CHECK (octet_length(version) <= 255), -- '': the resource has none
    title       text NOT NULL CHECK (octet_length(title) <= 500),
    revision    integer NOT NULL DEFAULT 1,
    resource    text NOT NULL, -- FHIR ValueSet, as it was sent
    created_by  uuid NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT value_set_of_practice UNIQUE (practice_id, id), -- lists are read by it
    CONSTRAINT value_set_canonical_key UNIQUE (practice_id, url, version)
);
ALTER TABLE anamnesis.value_set ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.value_set FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.value_set TO anamnesis_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON anamnesis.value_set TO anamnesis_api;
GRANT UPDATE (url, version, title, revision, resource, updated_at) ON anamnesis.value_set TO anamnesis_api;
CREATE POLICY staff_reads ON anamnesis.value_set FOR SELECT TO anamnesis_api
    USING (practice_id = auth.practice() AND auth.realm() = 'staff');
CREATE POLICY staff_adds ON anamnesis.value_set FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = auth.practice() AND auth.staff_writes());
CREATE POLICY staff_changes ON anamnesis.value_set FOR UPDATE TO anamnesis_api
    USING (practice_id = auth.practice() AND auth.staff_writes());
CREATE POLICY staff_removes ON anamnesis.value_set FOR DELETE TO anamnesis_api
    USING (practice_id = auth.practice() AND auth.staff_writes());

-- --------------------------------------------------------------------------- versions, and drafts in progress

-- Frozen with the version, so that an old response is judged by what was shown; and what its publication meant
-- for those who had not completed an older one. published_for_ever keeps both as they are.
ALTER TABLE anamnesis.questionnaire_version
    ADD COLUMN value_sets text NOT NULL DEFAULT '[]', -- JSON array of FHIR ValueSets
    ADD COLUMN on_drafts  text NOT NULL DEFAULT 'keep' CHECK (on_drafts IN ('keep', 'migrate'));

-- Only a questionnaire that was never published can go.
GRANT DELETE ON anamnesis.questionnaire TO anamnesis_api;
CREATE POLICY staff_removes_drafts ON anamnesis.questionnaire FOR DELETE TO anamnesis_api
    USING (practice_id = auth.practice() AND auth.staff_writes() AND status = 'draft' AND version IS NULL);

-- Whoever has not completed an assignment may read the version that it is about to move to, too.
DROP POLICY reads ON anamnesis.questionnaire_version;
CREATE POLICY reads ON anamnesis.questionnaire_version FOR SELECT TO anamnesis_api
    USING (practice_id = auth.practice() AND (auth.realm() = 'staff' OR EXISTS (
        SELECT FROM anamnesis.assignment a
        WHERE a.practice_id = auth.practice() AND a.patient_id = auth.patient()
          AND a.questionnaire_id = questionnaire_version.questionnaire_id
          AND (a.version = questionnaire_version.version
               OR (questionnaire_version.on_drafts = 'migrate' AND a.version < questionnaire_version.version
                   AND a.status IN ('assigned', 'in-progress'))))));

-- How many have not completed which version: what publishing shows beforehand.
CREATE INDEX assignment_open ON anamnesis.assignment (practice_id, questionnaire_id, version, status)
    WHERE status IN ('assigned', 'in-progress');

-- An assignment moves to a newer version whose publication said so, and only by the patient: nobody else's
-- session has the key to carry the answers over.
CREATE FUNCTION anamnesis.assignment_moves() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.version <> NEW.version AND NOT (
        NEW.version > OLD.version AND OLD.status IN ('assigned', 'in-progress')
        AND auth.patient() IS NOT DISTINCT FROM OLD.patient_id
        AND EXISTS (SELECT FROM anamnesis.questionnaire_version v
                    WHERE v.questionnaire_id = OLD.questionnaire_id AND v.version = NEW.version
                      AND v.on_drafts = 'migrate'))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'AN409',
            MESSAGE = 'an assignment moves only to a newer version that takes drafts over, and only by its patient';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER moves_forward BEFORE UPDATE OF version ON anamnesis.assignment
    FOR EACH ROW EXECUTE FUNCTION anamnesis.assignment_moves();
ALTER TABLE anamnesis.assignment ENABLE ALWAYS TRIGGER moves_forward;
GRANT UPDATE (version) ON anamnesis.assignment TO anamnesis_api;

-- ------------------------------------------------------------------------------------------------ responses

-- The response's version follows its assignment's.
DO $$
DECLARE
    name text;
BEGIN
    SELECT c.conname INTO STRICT name FROM pg_catalog.pg_constraint c
    WHERE c.conrelid = 'anamnesis.response'::regclass AND c.confrelid = 'anamnesis.assignment'::regclass;
    EXECUTE format('ALTER TABLE anamnesis.response DROP CONSTRAINT %I', name);
END
$$;
ALTER TABLE anamnesis.response
    ADD CONSTRAINT response_of_assignment
        FOREIGN KEY (practice_id, patient_id, assignment_id, questionnaire_id, version)
        REFERENCES anamnesis.assignment (practice_id, patient_id, id, questionnaire_id, version) ON UPDATE CASCADE;

-- An assignment has one response, and amendments of it: each a row of its own that names the one it amends.
-- `amended` is a completed amendment, `stopped` one that was given up (FHIR's words for both).
-- version_revision: the revision since which the present version counts. An auto-save that is based on an older
-- one answers other questions.
DROP INDEX anamnesis.response_of_patient;
ALTER TABLE anamnesis.response
    DROP CONSTRAINT response_assignment_id_key,
    DROP CONSTRAINT response_status_check,
    DROP CONSTRAINT response_completed_is_proven,
    ADD COLUMN amendment        integer NOT NULL DEFAULT 0 CHECK (amendment >= 0),
    ADD COLUMN amends           uuid,
    ADD COLUMN version_revision integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT response_of_patient UNIQUE (practice_id, patient_id, id),
    ADD CONSTRAINT response_of_assignment_key UNIQUE (assignment_id, id),
    ADD CONSTRAINT response_amendment_key UNIQUE (assignment_id, amendment),
    ADD CONSTRAINT response_amends FOREIGN KEY (assignment_id, amends) REFERENCES anamnesis.response (assignment_id, id),
    ADD CONSTRAINT response_status CHECK (CASE amendment WHEN 0 THEN amends IS NULL AND status IN ('in-progress', 'completed')
        ELSE amends IS NOT NULL AND status IN ('in-progress', 'amended', 'stopped') END),
    -- Completed means: when, what was shown, and what was answered.
    ADD CONSTRAINT response_completed_is_proven CHECK (CASE WHEN status IN ('completed', 'amended')
        THEN num_nulls(submitted_at, definition_sha256, response_sha256) = 0
        ELSE num_nonnulls(submitted_at, definition_sha256, response_sha256) = 0 END);
CREATE UNIQUE INDEX response_open ON anamnesis.response (assignment_id) WHERE status = 'in-progress';
-- A completed one is amended once; what comes after amends the amendment.
CREATE UNIQUE INDEX response_amended_once ON anamnesis.response (amends) WHERE status <> 'stopped';

DROP TRIGGER completed_for_ever ON anamnesis.response;
CREATE TRIGGER completed_for_ever BEFORE UPDATE OR DELETE ON anamnesis.response
    FOR EACH ROW WHEN (OLD.status <> 'in-progress') EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE anamnesis.response ENABLE ALWAYS TRIGGER completed_for_ever;
GRANT UPDATE (version_revision) ON anamnesis.response TO anamnesis_api;

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
ALTER TABLE anamnesis.response_migration ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.response_migration FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.response_migration TO anamnesis_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON anamnesis.response_migration TO anamnesis_api;
CREATE POLICY reads ON anamnesis.response_migration FOR SELECT TO anamnesis_api
    USING (practice_id = auth.practice() AND (auth.realm() = 'staff' OR patient_id = auth.patient()));
CREATE POLICY patient_adds ON anamnesis.response_migration FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = auth.practice() AND patient_id = auth.patient());
CREATE TRIGGER migrated_for_ever BEFORE UPDATE OR DELETE ON anamnesis.response_migration
    FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER migrated_for_ever_all BEFORE TRUNCATE ON anamnesis.response_migration
    FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE anamnesis.response_migration ENABLE ALWAYS TRIGGER migrated_for_ever;
ALTER TABLE anamnesis.response_migration ENABLE ALWAYS TRIGGER migrated_for_ever_all;
