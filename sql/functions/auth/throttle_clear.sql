-- Somebody has signed in: their failures are forgotten.
CREATE OR REPLACE FUNCTION auth.throttle_clear(p_key bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM auth.throttle t WHERE t.key = p_key
$$;
GRANT EXECUTE ON FUNCTION auth.throttle_clear(bytea) TO anamnesis_api;
