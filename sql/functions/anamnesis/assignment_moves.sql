-- An assignment moves to a newer version whose publication said so, and only by the patient: nobody else's
-- session has the key to carry the answers over.
CREATE OR REPLACE FUNCTION anamnesis.assignment_moves() RETURNS trigger
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
