-- The newest completed responses whose review is in this state, maybe for one assignee, below `p_below`, newest first: for
-- anamnesis.response_page, whose other filters hold as well.
CREATE OR REPLACE FUNCTION anamnesis.review_page(p_review text, p_assignee uuid, p_patient uuid, p_questionnaire uuid, p_version integer,
                                                 p_status text, p_since timestamptz, p_until timestamptz, p_below uuid, p_fetch integer)
RETURNS SETOF anamnesis.response
LANGUAGE plpgsql STABLE ROWS 50
SET plan_cache_mode = force_generic_plan SET enable_bitmapscan = off SET enable_seqscan = off
AS $$
DECLARE
    practice CONSTANT uuid := auth.practice();
BEGIN
    IF p_patient IS NOT NULL THEN
        RETURN QUERY
        SELECT r.* FROM anamnesis.review_now n
        JOIN anamnesis.response r ON r.id = n.response_id
        WHERE n.practice_id = practice AND n.patient_id = p_patient AND n.state = p_review AND n.response_id < p_below
          AND (p_assignee IS NULL OR n.assignee = p_assignee)
          AND (p_since IS NULL OR r.submitted_at >= p_since) AND (p_until IS NULL OR r.submitted_at < p_until)
          AND (p_questionnaire IS NULL OR r.questionnaire_id = p_questionnaire) AND (p_version IS NULL OR r.version = p_version)
          AND (p_status IS NULL OR r.status = p_status)
        ORDER BY n.response_id DESC LIMIT p_fetch;
    ELSIF auth.sees_all() THEN
        RETURN QUERY
        SELECT r.* FROM anamnesis.review_now n
        JOIN anamnesis.response r ON r.id = n.response_id
        WHERE n.practice_id = practice AND n.state = p_review AND n.response_id < p_below
          AND (p_assignee IS NULL OR n.assignee = p_assignee)
          AND (p_since IS NULL OR r.submitted_at >= p_since) AND (p_until IS NULL OR r.submitted_at < p_until)
          AND (p_questionnaire IS NULL OR r.questionnaire_id = p_questionnaire) AND (p_version IS NULL OR r.version = p_version)
          AND (p_status IS NULL OR r.status = p_status)
        ORDER BY n.response_id DESC LIMIT p_fetch;
    ELSE
        RETURN QUERY
        SELECT r.*
        FROM auth.team_reviews(p_review, p_assignee, p_questionnaire, p_version, p_status, p_since, p_until, p_below, p_fetch) AS t (id)
        JOIN anamnesis.response r ON r.id = t.id
        ORDER BY r.id DESC;
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.review_page(text,uuid,uuid,uuid,integer,text,timestamptz,timestamptz,uuid,integer) TO anamnesis_api;
