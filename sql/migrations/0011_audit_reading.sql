-- Who reads the log: owners and auditors of a practice, and patients what concerns them.
--
-- The api role still reaches no row by itself. Row-level security would also stand in the way of the index on
-- patient_ids: a condition on an array is not leakproof, so it is checked after the policy, row by row. These functions
-- state the practice and the patient themselves, and who may ask.

CREATE INDEX event_of_practice ON audit.event (practice_id, at, id);
CREATE INDEX event_of_actor ON audit.event (actor_id, at, id);
CREATE INDEX event_of_patient ON audit.event USING gin (patient_ids);

-- Rows of the actor's practice before the given place, newest first. Every filter may be NULL. A patient's or an
-- actor's rows are found by their own index, and only then put in order.
CREATE FUNCTION audit.search(p_actor uuid, p_patient uuid, p_operation text, p_outcome text, p_from timestamptz,
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
        WITH found AS MATERIALIZED (
            SELECT e.* FROM audit.event e
            WHERE e.patient_ids @> ARRAY[p_patient] AND e.at >= since AND e.at < until AND e.at <= before_at)
        SELECT f.* FROM found f
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
    ELSE
        RETURN QUERY
        SELECT e.* FROM audit.event e
        WHERE e.practice_id = practice AND e.at >= since AND e.at < until AND (e.at, e.id) < (before_at, before_id)
          AND (p_operation IS NULL OR e.operation = p_operation) AND (p_outcome IS NULL OR e.outcome = p_outcome)
        ORDER BY e.at DESC, e.id DESC LIMIT p_fetch;
    END IF;
END
$$;

-- What others did with the signed-in patient's data, newest first: staff of the practice, and the system. Refused tries
-- are not here, they opened nothing; the practice sees them. Nor is what the patient did. The name is still sealed, with
-- the member of staff's own key.
CREATE FUNCTION audit.access_log(p_before_at timestamptz, p_before_id bigint, p_fetch integer)
RETURNS TABLE (id bigint, at timestamptz, realm text, actor_id uuid, role text, operation text, detail text,
               wrapped_key bytea, name bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    patient uuid := audit.about(auth.patient());
    practice uuid := auth.practice();
    before_at timestamptz := coalesce(p_before_at, 'infinity');
    before_id bigint := coalesce(p_before_id, 9223372036854775807);
BEGIN
    RETURN QUERY
    WITH found AS MATERIALIZED (
        SELECT e.id, e.at, e.practice_id, e.realm, e.actor_id, e.role, e.operation, e.detail, e.outcome
        FROM audit.event e WHERE e.patient_ids @> ARRAY[patient] AND e.at <= before_at),
    page AS (
        SELECT f.* FROM found f
        WHERE f.practice_id = practice AND f.realm IN ('staff', 'system') AND f.outcome IN ('ok', 'replayed')
          AND (f.at, f.id) < (before_at, before_id)
        ORDER BY f.at DESC, f.id DESC LIMIT p_fetch)
    SELECT p.id, p.at, p.realm, p.actor_id, p.role, p.operation, p.detail, s.wrapped_key, s.name::bytea
    FROM page p LEFT JOIN anamnesis.staff s ON s.id = p.actor_id AND s.practice_id = practice
    ORDER BY p.at DESC, p.id DESC;
END
$$;

GRANT EXECUTE ON FUNCTION
    audit.search(uuid, uuid, text, text, timestamptz, timestamptz, timestamptz, bigint, integer),
    audit.access_log(timestamptz, bigint, integer)
TO anamnesis_api;
