-- How many have not completed which version of a questionnaire: of all patients, whoever asks. Counts only.
CREATE OR REPLACE FUNCTION auth.open_assignments(p_questionnaire uuid, p_fetch integer)
RETURNS TABLE (version integer, assigned bigint, in_progress bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.version, count(*) FILTER (WHERE a.status = 'assigned'), count(*) FILTER (WHERE a.status = 'in-progress')
    FROM anamnesis.assignment a
    WHERE a.practice_id = auth.practice() AND auth.realm() = 'staff' AND a.questionnaire_id = p_questionnaire
      AND a.status IN ('assigned', 'in-progress')
    GROUP BY a.version
    ORDER BY a.version DESC
    LIMIT p_fetch
$$;
GRANT EXECUTE ON FUNCTION auth.open_assignments(uuid,integer) TO anamnesis_api;
