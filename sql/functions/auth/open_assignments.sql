-- How many have not completed which version of a questionnaire: of all patients, whoever asks. Counts only.
CREATE OR REPLACE FUNCTION auth.open_assignments(p_questionnaire uuid, p_fetch integer)
RETURNS TABLE (version integer, assigned bigint, in_progress bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT c.version, sum(c.assigned)::bigint, sum(c.in_progress)::bigint
    FROM anamnesis.open_count c
    WHERE c.practice_id = auth.staffs() AND c.questionnaire_id = p_questionnaire
    GROUP BY c.version
    HAVING sum(c.assigned) <> 0 OR sum(c.in_progress) <> 0
    ORDER BY c.version DESC
    LIMIT p_fetch;
END
$$;
GRANT EXECUTE ON FUNCTION auth.open_assignments(uuid,integer) TO anamnesis_api;
