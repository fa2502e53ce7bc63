-- The title of a version that whoever asks may see. A function, because a join would set up the table's policies in the
-- statement that reads a response, at two times the price.
CREATE OR REPLACE FUNCTION anamnesis.version_title(p_questionnaire uuid, p_version integer) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (SELECT v.title FROM anamnesis.questionnaire_version v
            WHERE v.questionnaire_id = p_questionnaire AND v.version = p_version);
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.version_title(uuid,integer) TO anamnesis_api;
