-- Whole seconds that this key has to wait; 0: go on.
CREATE OR REPLACE FUNCTION auth.throttle_check(p_key bytea) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((SELECT greatest(0, ceil(extract(epoch FROM t.blocked_until - clock_timestamp())))::integer
                     FROM auth.throttle t WHERE t.key = p_key), 0)
$$;
GRANT EXECUTE ON FUNCTION auth.throttle_check(bytea) TO anamnesis_api;
