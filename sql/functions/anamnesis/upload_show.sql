-- Notes which files the acting patient's response shows, before it is completed in the same transaction. Gives those that it cannot show,
-- of which nothing is noted: they are of another assignment, or neither clean nor about to be looked at. NULL when there is no such response
-- in progress.
CREATE OR REPLACE FUNCTION anamnesis.upload_show(p_response uuid, p_uploads uuid[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer anamnesis.response;
    shown uuid[];
BEGIN
    SELECT r.* INTO answer FROM anamnesis.response r
    WHERE r.id = p_response AND r.practice_id = auth.practice() AND r.patient_id = auth.patient() AND r.status = 'in-progress'
      AND (r.patient_id = auth.answering() OR auth.held_answer(r.patient_id, r.started_at));
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- The lock comes before the look: a withdrawal at the same moment is waited for, or waits and is refused.
    PERFORM FROM anamnesis.upload u WHERE u.id = ANY (p_uploads) AND u.patient_id = answer.patient_id ORDER BY u.id FOR NO KEY UPDATE;
    WITH there AS (
        UPDATE anamnesis.upload u SET retain_until = NULL
        WHERE u.id = ANY (p_uploads) AND u.practice_id = answer.practice_id AND u.patient_id = answer.patient_id
          AND u.assignment_id = answer.assignment_id AND u.state IN ('scanning', 'clean')
        RETURNING u.id),
    noted AS (
        INSERT INTO anamnesis.upload_shown (upload_id, response_id, practice_id, patient_id)
        SELECT t.id, answer.id, answer.practice_id, answer.patient_id FROM there t
        ON CONFLICT DO NOTHING)
    SELECT array_agg(t.id) INTO shown FROM there t;
    RETURN ARRAY(SELECT DISTINCT g.id FROM unnest(p_uploads) AS g (id) WHERE g.id <> ALL (coalesce(shown, '{}')));
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_show(uuid,uuid[]) TO anamnesis_api;
