-- Rows of the actor's practice before the given place, newest first. Every filter may be NULL. A patient's or an
-- actor's rows are found by their own index. An operation's or an outcome's, however rare, too: the pairs of both words that the
-- practice has are found one after the other by an index that begins with them, and each pair gives its newest rows.
CREATE OR REPLACE FUNCTION audit.search(p_actor uuid, p_patient uuid, p_operation text, p_outcome text, p_from timestamptz,
                             p_to timestamptz, p_before_at timestamptz, p_before_id bigint, p_fetch integer)
RETURNS SETOF audit.event
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    practice uuid := auth.practice();
    since timestamptz := coalesce(p_from, '-infinity');
    until timestamptz := coalesce(p_to, 'infinity');
    before_at timestamptz := coalesce(p_before_at, 'infinity');
    before_id bigint := coalesce(p_before_id, 9223372036854775807);
BEGIN
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() NOT IN ('owner', 'auditor') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'the role may not read the audit log';
    END IF;
    IF p_patient IS NOT NULL THEN
        RETURN QUERY
        WITH of_lists AS MATERIALIZED (
            SELECT e.* FROM audit.event e
            WHERE e.patient_ids @> ARRAY[p_patient] AND e.patient_id IS DISTINCT FROM p_patient AND e.at >= since
              AND e.at < until AND e.at <= before_at),
        of_one AS (
            SELECT e.* FROM audit.event e
            WHERE e.patient_id = p_patient AND e.at >= since AND e.at < until AND (e.at, e.id) < (before_at, before_id)
              AND e.practice_id = practice AND (p_actor IS NULL OR e.actor_id = p_actor)
              AND (p_operation IS NULL OR e.operation = p_operation) AND (p_outcome IS NULL OR e.outcome = p_outcome)
            ORDER BY e.at DESC, e.id DESC LIMIT p_fetch)
        SELECT f.* FROM (SELECT * FROM of_one UNION ALL SELECT * FROM of_lists) f
        WHERE f.practice_id = practice AND (f.at, f.id) < (before_at, before_id)
          AND (p_actor IS NULL OR f.actor_id = p_actor) AND (p_operation IS NULL OR f.operation = p_operation)
          AND (p_outcome IS NULL OR f.outcome = p_outcome)
        ORDER BY f.at DESC, f.id DESC LIMIT p_fetch;
    ELSIF p_actor IS NOT NULL THEN
        RETURN QUERY
        SELECT e.* FROM audit.event e
        WHERE e.actor_id = p_actor AND e.practice_id = practice AND e.at >= since AND e.at < until
          AND (e.at, e.id) < (before_at, before_id) AND (p_operation IS NULL OR e.operation = p_operation)
          AND (p_outcome IS NULL OR e.outcome = p_outcome)
        ORDER BY e.at DESC, e.id DESC LIMIT p_fetch;
    ELSIF p_operation IS NOT NULL OR p_outcome IS NOT NULL THEN
        RETURN QUERY
        WITH RECURSIVE words AS (
            (SELECT e.operation, e.outcome FROM audit.event e
             WHERE e.practice_id = practice AND e.operation >= coalesce(p_operation, '')
             ORDER BY e.operation, e.outcome LIMIT 1)
            UNION ALL
            SELECT n.operation, n.outcome FROM words w, LATERAL (
                SELECT e.operation, e.outcome FROM audit.event e
                WHERE e.practice_id = practice AND (e.operation, e.outcome) > (w.operation, w.outcome)
                ORDER BY e.operation, e.outcome LIMIT 1) n
            WHERE p_operation IS NULL OR w.operation = p_operation)
        SELECT n.* FROM words w, LATERAL (
            SELECT e.* FROM audit.event e
            WHERE e.practice_id = practice AND e.operation = w.operation AND e.outcome = w.outcome
              AND e.at >= since AND e.at < until AND (e.at, e.id) < (before_at, before_id)
            ORDER BY e.at DESC, e.id DESC LIMIT p_fetch) n
        WHERE (p_operation IS NULL OR w.operation = p_operation) AND (p_outcome IS NULL OR w.outcome = p_outcome)
        ORDER BY n.at DESC, n.id DESC LIMIT p_fetch;
    ELSE
        RETURN QUERY
        SELECT e.* FROM audit.event e
        WHERE e.practice_id = practice AND e.at >= since AND e.at < until AND (e.at, e.id) < (before_at, before_id)
        ORDER BY e.at DESC, e.id DESC LIMIT p_fetch;
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION audit.search(uuid,uuid,text,text,timestamp with time zone,timestamp with time zone,timestamp with time zone,bigint,integer) TO anamnesis_api;
