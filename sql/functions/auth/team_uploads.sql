-- The newest files of the patients whom the actor sees by a care team or a broken glass: identifiers, newest first. For
-- anamnesis.upload_page, which reads them through row-level security, and says what the arguments are.
--
-- Each patient's newest one first, then more of those p_fetch patients whose newest are the newest of all (as in auth.team_responses).
CREATE OR REPLACE FUNCTION auth.team_uploads(p_questionnaire uuid, p_link_id text, p_type text, p_states text[], p_since timestamptz,
                                             p_until timestamptz, p_lowest uuid, p_below uuid, p_fetch integer)
RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_bitmapscan = off SET enable_seqscan = off
AS $$
DECLARE
    practice CONSTANT uuid := auth.staffs();
    actor CONSTANT uuid := auth.actor();
BEGIN
    IF practice IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH member AS MATERIALIZED (
        SELECT c.patient_id FROM anamnesis.care_team c WHERE c.practice_id = practice AND c.staff_id = actor
        UNION
        SELECT g.patient_id FROM anamnesis.break_glass g
        WHERE g.practice_id = practice AND g.staff_id = actor AND g.expires_at > now()
    ), head AS MATERIALIZED (
        SELECT m.patient_id, h.id
        FROM member m
        CROSS JOIN LATERAL (
            SELECT u.id FROM anamnesis.upload u
            WHERE u.practice_id = practice AND u.patient_id = m.patient_id AND u.id >= p_lowest AND u.id < p_below
              AND u.created_at >= p_since AND u.created_at < p_until AND u.state = ANY (p_states) AND (p_type IS NULL OR u.type = p_type)
              AND (p_questionnaire IS NULL OR u.questionnaire_id = p_questionnaire) AND (p_link_id IS NULL OR u.link_id = p_link_id)
            ORDER BY u.id DESC LIMIT 1) h
        ORDER BY h.id DESC LIMIT p_fetch
    )
    SELECT n.id
    FROM head h
    CROSS JOIN LATERAL (
        SELECT u.id FROM anamnesis.upload u
        WHERE u.practice_id = practice AND u.patient_id = h.patient_id AND u.id <= h.id
          AND u.id >= greatest(p_lowest, (SELECT o.id FROM head o ORDER BY o.id DESC OFFSET p_fetch - 1 LIMIT 1))
          AND u.created_at >= p_since AND u.created_at < p_until AND u.state = ANY (p_states) AND (p_type IS NULL OR u.type = p_type)
          AND (p_questionnaire IS NULL OR u.questionnaire_id = p_questionnaire) AND (p_link_id IS NULL OR u.link_id = p_link_id)
        ORDER BY u.id DESC LIMIT p_fetch) n
    ORDER BY n.id DESC LIMIT p_fetch;
END
$$;
GRANT EXECUTE ON FUNCTION auth.team_uploads(uuid,text,text,text[],timestamptz,timestamptz,uuid,uuid,integer) TO anamnesis_api;
