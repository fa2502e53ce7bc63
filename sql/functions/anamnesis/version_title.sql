-- The title of a version in the actor's practice, for a response of this patient; NULL when the patient's data were erased: a
-- worker may still have the key. A function, because joining the two tables would set up the policies of both in the statement
-- that reads a response, at three times the price.
CREATE OR REPLACE FUNCTION anamnesis.version_title(p_patient uuid, p_questionnaire uuid, p_version integer) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN (SELECT v.title
            FROM anamnesis.patient p
            JOIN anamnesis.questionnaire_version v ON v.practice_id = p.practice_id
            WHERE p.id = p_patient AND p.status <> 'erased' AND p.practice_id = auth.practice()
              AND v.questionnaire_id = p_questionnaire AND v.version = p_version);
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.version_title(uuid,uuid,integer) TO anamnesis_api;
