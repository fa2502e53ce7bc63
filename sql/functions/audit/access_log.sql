-- What others did with the signed-in patient's data, newest first: staff of the practice, and the system. Refused tries
-- are not here, they opened nothing; the practice sees them. Nor is what the patient did. The name is still sealed, with
-- the member of staff's own key.
CREATE OR REPLACE FUNCTION audit.access_log(p_before_at timestamptz, p_before_id bigint, p_fetch integer)
RETURNS TABLE (id bigint, at timestamptz, realm text, actor_id uuid, role text, operation text, detail text,
               wrapped_key bytea, name bytea, glass_id uuid, reason bytea)
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
    WITH of_lists AS MATERIALIZED (
        SELECT e.* FROM audit.event e
        WHERE e.patient_ids @> ARRAY[patient] AND e.patient_id IS DISTINCT FROM patient AND e.at <= before_at),
    of_one AS (
        SELECT e.* FROM audit.event e
        WHERE e.patient_id = patient AND e.at <= before_at AND (e.at, e.id) < (before_at, before_id)
          AND e.practice_id = practice AND e.realm IN ('staff', 'system') AND e.outcome IN ('ok', 'replayed')
        ORDER BY e.at DESC, e.id DESC LIMIT p_fetch),
    page AS (
        SELECT f.* FROM (SELECT * FROM of_one UNION ALL SELECT * FROM of_lists) f
        WHERE f.practice_id = practice AND f.realm IN ('staff', 'system') AND f.outcome IN ('ok', 'replayed')
          AND (f.at, f.id) < (before_at, before_id)
        ORDER BY f.at DESC, f.id DESC LIMIT p_fetch)
    SELECT p.id, p.at, p.realm::text, p.actor_id, p.role, p.operation, p.detail, s.wrapped_key, s.name::bytea,
           g.id, g.reason::bytea
    FROM page p
    LEFT JOIN anamnesis.staff s ON s.id = p.actor_id AND s.practice_id = practice
    LEFT JOIN LATERAL (
        SELECT b.id, b.reason FROM anamnesis.break_glass b
        WHERE b.practice_id = practice AND b.patient_id = patient AND b.staff_id = p.actor_id AND b.opened_at <= p.at
        ORDER BY b.id DESC LIMIT 1) g ON p.detail = 'break-glass'
    ORDER BY p.at DESC, p.id DESC;
END
$$;
GRANT EXECUTE ON FUNCTION audit.access_log(timestamp with time zone,bigint,integer) TO anamnesis_api;
