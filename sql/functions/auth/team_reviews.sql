-- As auth.team_responses, of completed responses whose review is in this state: for staff who see the patients of their care teams and
-- behind a broken glass. Each patient's newest one first, then more of those patients whose newest are the newest of all.
CREATE OR REPLACE FUNCTION auth.team_reviews(p_review text, p_assignee uuid, p_questionnaire uuid, p_version integer, p_status text,
                                             p_since timestamptz, p_until timestamptz, p_below uuid, p_fetch integer)
RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_bitmapscan = off SET enable_seqscan = off
AS $$
DECLARE
    practice CONSTANT uuid := auth.staffs();
    actor CONSTANT uuid := auth.actor();
BEGIN
    RETURN QUERY
    WITH member AS MATERIALIZED (
        SELECT c.patient_id FROM anamnesis.care_team c WHERE c.practice_id = practice AND c.staff_id = actor
        UNION
        SELECT g.patient_id FROM anamnesis.break_glass g
        WHERE g.practice_id = practice AND g.staff_id = actor AND g.expires_at > now()
    ), head AS MATERIALIZED (
        SELECT m.patient_id, h.response_id
        FROM member m
        CROSS JOIN LATERAL (
            SELECT n.response_id FROM anamnesis.review_now n
            JOIN anamnesis.response r ON r.id = n.response_id
            WHERE n.practice_id = practice AND n.patient_id = m.patient_id AND n.state = p_review AND n.response_id < p_below
              AND (p_assignee IS NULL OR n.assignee = p_assignee)
              AND (p_since IS NULL OR r.submitted_at >= p_since) AND (p_until IS NULL OR r.submitted_at < p_until)
              AND (p_questionnaire IS NULL OR r.questionnaire_id = p_questionnaire) AND (p_version IS NULL OR r.version = p_version)
              AND (p_status IS NULL OR r.status = p_status)
            ORDER BY n.response_id DESC LIMIT 1) h
        ORDER BY h.response_id DESC LIMIT p_fetch
    )
    SELECT l.response_id
    FROM head h
    CROSS JOIN LATERAL (
        SELECT n.response_id FROM anamnesis.review_now n
        JOIN anamnesis.response r ON r.id = n.response_id
        WHERE n.practice_id = practice AND n.patient_id = h.patient_id AND n.state = p_review AND n.response_id <= h.response_id
          AND (p_assignee IS NULL OR n.assignee = p_assignee)
          AND (p_since IS NULL OR r.submitted_at >= p_since) AND (p_until IS NULL OR r.submitted_at < p_until)
          AND (p_questionnaire IS NULL OR r.questionnaire_id = p_questionnaire) AND (p_version IS NULL OR r.version = p_version)
          AND (p_status IS NULL OR r.status = p_status)
        ORDER BY n.response_id DESC LIMIT p_fetch) l
    ORDER BY l.response_id DESC LIMIT p_fetch;
END
$$;
GRANT EXECUTE ON FUNCTION auth.team_reviews(text,uuid,uuid,integer,text,timestamptz,timestamptz,uuid,integer) TO anamnesis_api;
