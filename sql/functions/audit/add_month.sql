-- The partition of a month, unless it is there, or rows of that month are in the default partition. Attached, not made
-- in place: that waits for nobody who writes, and nobody who writes waits for it.
CREATE OR REPLACE FUNCTION audit.add_month(p_month date) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := 'event_' || to_char(p_month, 'YYYY_MM');
    begins timestamptz := p_month::timestamp AT TIME ZONE 'UTC';
    ends timestamptz := (p_month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    IF to_regclass('audit.' || name) IS NOT NULL
       OR EXISTS (SELECT FROM audit.event_default e WHERE e.at >= begins AND e.at < ends) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE audit.%I (LIKE audit.event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    PERFORM audit.protect_partition(name);
    EXECUTE format('ALTER TABLE audit.event ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)', name, begins, ends);
    RETURN true;
END
$$;
