-- For jobs each hour, and for every `anamnesis migrate`: makes this month's partition and the next three, and moves
-- the epoch when this cluster counts transactions from a smaller number than the log's rows or seals. Returns how many
-- partitions were made.
CREATE OR REPLACE FUNCTION audit.make_ready() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    this_month date := date_trunc('month', now() AT TIME ZONE 'UTC');
    made integer := 0;
    used bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7020383421447828340); -- one at a time: the migrations' lock and one
    FOR ahead IN 0..3 LOOP
        IF audit.add_month((this_month + ahead * interval '1 month')::date) THEN
            made := made + 1;
        END IF;
    END LOOP;
    SELECT greatest((SELECT max(e.position) + 1 FROM audit.event e), (SELECT max(s.horizon) FROM audit.seal s)) INTO used;
    -- Here no row is ever ahead of the number that comes next.
    IF used > pg_snapshot_xmax(pg_current_snapshot())::text::bigint + audit.epoch() THEN
        EXECUTE format('CREATE OR REPLACE FUNCTION audit.epoch() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE '
                       'RETURN %s::bigint', used - pg_snapshot_xmin(pg_current_snapshot())::text::bigint);
    END IF;
    RETURN made;
END
$$;
GRANT EXECUTE ON FUNCTION audit.make_ready() TO anamnesis_jobs;
