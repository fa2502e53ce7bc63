-- The questionnaires of which most is open, p_fetch at most: how many are assigned, in progress and completed, of the patients whom the acting
-- staff see, or p_whole of all in the practice; and how long it took to complete them, from the first opening to the submission: the median
-- of the newest p_sample of each of its newest two versions, of those patients. Counts only; no row for anybody else.
CREATE OR REPLACE FUNCTION auth.dashboard_questionnaires(p_whole boolean, p_fetch integer, p_sample integer)
RETURNS TABLE (questionnaire_id uuid, title text, status text, assigned bigint, in_progress bigint, completed bigint, seconds bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_bitmapscan = off SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    practice CONSTANT uuid := auth.staffs();
    actor CONSTANT uuid := auth.actor();
    whole CONSTANT boolean := p_whole OR auth.sees_all();
BEGIN
    IF practice IS NULL OR (auth.role() IN ('owner', 'physician', 'assistant')) IS NOT TRUE THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH member AS MATERIALIZED (
        SELECT c.patient_id FROM anamnesis.care_team c WHERE NOT whole AND c.practice_id = practice AND c.staff_id = actor
        UNION
        SELECT g.patient_id FROM anamnesis.break_glass g
        WHERE NOT whole AND g.practice_id = practice AND g.staff_id = actor AND g.expires_at > now()
    ), counted AS MATERIALIZED (
        SELECT c.questionnaire_id, sum(c.assigned)::bigint AS assigned, sum(c.in_progress)::bigint AS in_progress,
               sum(c.completed)::bigint AS completed
        FROM anamnesis.open_count c WHERE whole AND c.practice_id = practice GROUP BY 1
        UNION ALL
        SELECT a.questionnaire_id, count(*) FILTER (WHERE a.status = 'assigned'), count(*) FILTER (WHERE a.status = 'in-progress'),
               count(*) FILTER (WHERE a.status = 'completed')
        FROM member m JOIN anamnesis.assignment a ON a.practice_id = practice AND a.patient_id = m.patient_id
        GROUP BY 1
    ), most AS MATERIALIZED (
        SELECT c.questionnaire_id, c.assigned, c.in_progress, c.completed
        FROM counted c
        WHERE c.assigned + c.in_progress + c.completed > 0
        ORDER BY c.assigned + c.in_progress DESC, c.completed DESC, c.questionnaire_id DESC LIMIT p_fetch
    )
    SELECT q.id, q.title, q.status, m.assigned, m.in_progress, m.completed, took.seconds
    FROM most m
    JOIN anamnesis.questionnaire q ON q.practice_id = practice AND q.id = m.questionnaire_id
    CROSS JOIN LATERAL (
        SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM s.submitted_at - s.started_at)))::bigint AS seconds
        FROM (SELECT v.version FROM anamnesis.questionnaire_version v
              WHERE v.questionnaire_id = q.id ORDER BY v.version DESC LIMIT 2) v
        CROSS JOIN LATERAL (
            SELECT r.patient_id, r.started_at, r.submitted_at FROM anamnesis.response r
            WHERE r.practice_id = practice AND r.questionnaire_id = q.id AND r.version = v.version AND r.status = 'completed'
            ORDER BY r.id DESC LIMIT p_sample) s
        WHERE whole OR s.patient_id IN (SELECT m.patient_id FROM member m)) took
    ORDER BY m.assigned + m.in_progress DESC, m.completed DESC, q.id DESC;
END
$$;
GRANT EXECUTE ON FUNCTION auth.dashboard_questionnaires(boolean,integer,integer) TO anamnesis_api;
