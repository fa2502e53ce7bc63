-- The newer version to which a response in progress to this assignment is carried over when its patient opens it next; NULL when
-- there is none. A function: most responses are completed, and ask for nothing of this.
CREATE OR REPLACE FUNCTION anamnesis.moves_to(p_assignment uuid) RETURNS integer
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (SELECT max(n.version)
            FROM anamnesis.assignment a
            JOIN anamnesis.questionnaire_version n ON n.questionnaire_id = a.questionnaire_id AND n.version > a.version
            WHERE a.id = p_assignment AND a.status IN ('assigned', 'in-progress') AND n.on_drafts = 'migrate');
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.moves_to(uuid) TO anamnesis_api;
