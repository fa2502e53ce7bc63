-- The proven session ends, on every route and at once.
CREATE OR REPLACE FUNCTION auth.session_end() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE auth.session SET ended_at = now() WHERE id = auth.session() AND ended_at IS NULL
$$;
GRANT EXECUTE ON FUNCTION auth.session_end() TO anamnesis_api;
