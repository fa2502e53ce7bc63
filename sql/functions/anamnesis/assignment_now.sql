-- Of an assignment that the actor may see: whether it was cancelled, and the newer version to which what is in progress is to be
-- carried over when its patient opens it next. A function for the reason that anamnesis.version_title() gives.
CREATE OR REPLACE FUNCTION anamnesis.assignment_now(p_assignment uuid, OUT cancelled boolean, OUT moves_to integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    SELECT a.status = 'cancelled',
           (SELECT max(n.version) FROM anamnesis.questionnaire_version n
            WHERE n.questionnaire_id = a.questionnaire_id AND n.version > a.version AND n.on_drafts = 'migrate'
              AND a.status IN ('assigned', 'in-progress'))
    INTO assignment_now.cancelled, assignment_now.moves_to
    FROM anamnesis.assignment a
    WHERE a.id = p_assignment
      AND (ARRAY[a.practice_id, a.patient_id] @> auth.answers() OR a.patient_id = auth.patient() OR auth.sees(a.patient_id));
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.assignment_now(uuid) TO anamnesis_api;
