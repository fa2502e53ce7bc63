-- Whether the actor is a patient to whom this version was assigned, or one whose assignment is about to move to it
-- (`p_migrates`). A function of its own for the reason that auth.sees() gives.
CREATE OR REPLACE FUNCTION auth.assigned_version(p_questionnaire uuid, p_version integer, p_migrates boolean) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM anamnesis.assignment a
        WHERE a.practice_id = auth.practice() AND a.patient_id = auth.patient() AND a.questionnaire_id = p_questionnaire
          AND (a.version = p_version
               OR (p_migrates AND a.version < p_version AND a.status IN ('assigned', 'in-progress'))));
END
$$;
GRANT EXECUTE ON FUNCTION auth.assigned_version(uuid,integer,boolean) TO anamnesis_api;
