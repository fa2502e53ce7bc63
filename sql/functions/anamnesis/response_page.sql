-- The newest responses of the actor's practice that fit, below `p_before`, newest first: what response_list.sql shows. The moment is
-- that of the submission, or of the last change before.
--
-- Rows come through row-level security whichever way they are found. Staff who see some of the patients are given what their care
-- team has (auth.team_responses), instead of being refused, one after the other, nearly all that the practice has.
CREATE OR REPLACE FUNCTION anamnesis.response_page(p_patient uuid, p_questionnaire uuid, p_version integer, p_status text,
                                                   p_since timestamptz, p_until timestamptz, p_review text, p_assignee uuid,
                                                   p_before uuid, p_fetch integer)
RETURNS SETOF anamnesis.response
LANGUAGE plpgsql STABLE ROWS 50
SET plan_cache_mode = force_generic_plan SET enable_bitmapscan = off SET enable_seqscan = off
AS $$
DECLARE
    practice CONSTANT uuid := auth.practice();
    below CONSTANT uuid := coalesce(p_before, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
BEGIN
    IF p_review IS NOT NULL THEN
        RETURN QUERY
        SELECT r.* FROM anamnesis.review_page(p_review, p_assignee, p_patient, p_questionnaire, p_version, p_status, p_since, p_until, below,
                                              p_fetch) r;
    ELSIF p_patient IS NOT NULL THEN
        RETURN QUERY
        SELECT r.* FROM anamnesis.response r
        WHERE r.practice_id = practice AND r.patient_id = p_patient AND r.id < below
          AND (p_since IS NULL OR coalesce(r.submitted_at, r.updated_at) >= p_since)
          AND (p_until IS NULL OR coalesce(r.submitted_at, r.updated_at) < p_until)
          AND (p_questionnaire IS NULL OR r.questionnaire_id = p_questionnaire) AND (p_version IS NULL OR r.version = p_version)
          AND (p_status IS NULL OR r.status = p_status)
        ORDER BY r.id DESC LIMIT p_fetch;
    ELSIF auth.sees_all() THEN
        RETURN QUERY
        SELECT r.* FROM anamnesis.response_range(p_questionnaire, p_version, p_status, p_since, p_until, below, p_fetch) r;
    ELSE
        RETURN QUERY
        SELECT r.* FROM auth.team_responses(p_questionnaire, p_version, p_status, p_since, p_until, below, p_fetch) AS t (id)
        JOIN anamnesis.response r ON r.id = t.id
        ORDER BY r.id DESC;
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.response_page(uuid,uuid,integer,text,timestamptz,timestamptz,text,uuid,uuid,integer) TO anamnesis_api;
