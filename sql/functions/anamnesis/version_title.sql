-- The title of a version of the patient's practice, for whoever may see this patient's responses; NULL when the patient's data were
-- erased: a worker may still have the key. The function that the policy of responses asks comes first, since it is ready then. A function, because joining the two tables would set up the policies of both in the statement
-- that reads a response, at three times the price.
CREATE OR REPLACE FUNCTION anamnesis.version_title(p_patient uuid, p_questionnaire uuid, p_version integer) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN (SELECT v.title
            FROM anamnesis.patient p
            JOIN anamnesis.questionnaire_version v ON v.practice_id = p.practice_id
            WHERE p.id = p_patient AND p.status <> 'erased'
              AND (ARRAY[p.practice_id, p.id] @> auth.answers() OR p.id = auth.patient() OR auth.sees(p.id))
              AND v.questionnaire_id = p_questionnaire AND v.version = p_version);
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.version_title(uuid,uuid,integer) TO anamnesis_api;
