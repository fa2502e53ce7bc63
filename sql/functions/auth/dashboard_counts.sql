-- How much there is for the acting staff to see to, of the patients whom they see: each number counted up to p_most. One row; none for anybody
-- else. The day is the practice's; what was begun and not changed for p_stopped has stopped; an invitation that expired is one of the last
-- p_expired, to somebody who was given no other since.
--
-- A team's patients are asked one by one; of a LARGE one it is looked at what the whole practice has, of which it has much. `whole`: that is so,
-- or the actor sees everybody (auth.dashboard_questionnaires).
CREATE OR REPLACE FUNCTION auth.dashboard_counts(p_most integer, p_stopped interval, p_expired interval)
RETURNS TABLE (whole boolean, overdue bigint, stopped bigint, unread bigint, in_review bigint, mine bigint, expired bigint, begun bigint,
               submitted bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_bitmapscan = off SET enable_seqscan = off
AS $$
DECLARE
    practice CONSTANT uuid := auth.staffs();
    actor CONSTANT uuid := auth.actor();
    sees_all CONSTANT boolean := auth.sees_all();
    LARGE CONSTANT integer := 1000;
    day_begins timestamptz;
    members uuid[]; -- whom the actor sees, when not all
BEGIN
    IF practice IS NULL OR (auth.role() IN ('owner', 'physician', 'assistant')) IS NOT TRUE THEN
        RETURN;
    END IF;
    SELECT date_trunc('day', now() AT TIME ZONE c.time_zone) AT TIME ZONE c.time_zone INTO day_begins
    FROM anamnesis.practice c WHERE c.id = practice;
    IF NOT sees_all THEN
        members := ARRAY(SELECT c.patient_id FROM anamnesis.care_team c WHERE c.practice_id = practice AND c.staff_id = actor
                         UNION
                         SELECT g.patient_id FROM anamnesis.break_glass g
                         WHERE g.practice_id = practice AND g.staff_id = actor AND g.expires_at > now());
    END IF;
    whole := sees_all OR cardinality(members) > LARGE;
    IF whole THEN
        SELECT count(*) INTO overdue FROM (
            SELECT FROM anamnesis.assignment a JOIN anamnesis.patient p ON p.practice_id = practice AND p.id = a.patient_id AND p.status = 'active'
            WHERE a.practice_id = practice AND a.status IN ('assigned', 'in-progress') AND a.due_at IS NOT NULL AND a.due_at <= now()
              AND (sees_all OR a.patient_id IN (SELECT unnest(members)))
            LIMIT p_most) t;
        SELECT count(*) INTO stopped FROM (
            SELECT FROM anamnesis.response r JOIN anamnesis.patient p ON p.practice_id = practice AND p.id = r.patient_id AND p.status = 'active'
            WHERE r.practice_id = practice AND r.status = 'in-progress' AND r.status <> 'completed' AND r.amends IS NULL
              AND r.id < anamnesis.uuid_floor(now() - p_stopped, 60000) AND r.updated_at <= now() - p_stopped
              AND (sees_all OR r.patient_id IN (SELECT unnest(members)))
            LIMIT p_most) t;
        SELECT count(*) INTO unread FROM (
            SELECT FROM anamnesis.review_now n
            WHERE n.practice_id = practice AND n.state = 'new' AND (sees_all OR n.patient_id IN (SELECT unnest(members))) LIMIT p_most) t;
        SELECT count(*) INTO in_review FROM (
            SELECT FROM anamnesis.review_now n
            WHERE n.practice_id = practice AND n.state = 'in-review' AND (sees_all OR n.patient_id IN (SELECT unnest(members))) LIMIT p_most) t;
    ELSE
        SELECT count(*) INTO overdue FROM (
            SELECT FROM unnest(members) m (id) JOIN anamnesis.patient p ON p.practice_id = practice AND p.id = m.id AND p.status = 'active'
            JOIN anamnesis.assignment a ON a.practice_id = practice AND a.patient_id = m.id
            WHERE a.status IN ('assigned', 'in-progress') AND a.due_at <= now()
            LIMIT p_most) t;
        SELECT count(*) INTO stopped FROM (
            SELECT FROM unnest(members) m (id) JOIN anamnesis.patient p ON p.practice_id = practice AND p.id = m.id AND p.status = 'active'
            JOIN anamnesis.assignment a ON a.practice_id = practice AND a.patient_id = m.id
            JOIN anamnesis.response r ON r.assignment_id = a.id
            WHERE a.status = 'in-progress' AND r.status = 'in-progress' AND r.amends IS NULL AND r.updated_at <= now() - p_stopped
            LIMIT p_most) t;
        SELECT count(*) INTO unread FROM (
            SELECT FROM unnest(members) m (id) JOIN anamnesis.review_now n ON n.practice_id = practice AND n.patient_id = m.id
            WHERE n.state = 'new' LIMIT p_most) t;
        SELECT count(*) INTO in_review FROM (
            SELECT FROM unnest(members) m (id) JOIN anamnesis.review_now n ON n.practice_id = practice AND n.patient_id = m.id
            WHERE n.state = 'in-review' LIMIT p_most) t;
    END IF;
    SELECT count(*) INTO mine FROM (
        SELECT FROM anamnesis.review_now n
        WHERE n.practice_id = practice AND n.assignee = actor AND n.state IN ('new', 'in-review') AND (sees_all OR n.patient_id IN (SELECT unnest(members)))
        LIMIT p_most) t;
    SELECT count(*) INTO expired FROM (
        SELECT FROM anamnesis.invitation i
        JOIN anamnesis.patient p ON p.practice_id = practice AND p.id = i.patient_id AND p.status = 'active'
        WHERE i.practice_id = practice AND i.status = 'pending' AND i.expires_at <= now() AND i.expires_at > now() - p_expired
          AND (sees_all OR i.patient_id IN (SELECT unnest(members)))
          AND NOT EXISTS (SELECT FROM anamnesis.invitation o
                          WHERE o.practice_id = practice AND o.patient_id = i.patient_id AND o.id > i.id AND o.status IN ('pending', 'used'))
        LIMIT p_most) t;
    SELECT count(*) INTO begun FROM (
        SELECT FROM anamnesis.response r
        WHERE r.practice_id = practice AND r.id >= anamnesis.uuid_floor(day_begins, -60000) AND r.started_at >= day_begins AND r.amends IS NULL
          AND (sees_all OR r.patient_id IN (SELECT unnest(members)))
        LIMIT p_most) t;
    SELECT count(*) INTO submitted FROM (
        SELECT FROM anamnesis.response r
        WHERE r.practice_id = practice AND r.changed_hour >= date_bin('1 hour', day_begins, '2001-01-01 00:00:00+00')
          AND r.submitted_at >= day_begins AND r.status IN ('completed', 'amended') AND (sees_all OR r.patient_id IN (SELECT unnest(members)))
        LIMIT p_most) t;
    RETURN NEXT;
END
$$;
GRANT EXECUTE ON FUNCTION auth.dashboard_counts(integer,interval,interval) TO anamnesis_api;
