-- Signs the account out everywhere, here too.
CREATE OR REPLACE FUNCTION auth.session_end_all() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT auth.end_all(auth.actor(), NULL) $$;
GRANT EXECUTE ON FUNCTION auth.session_end_all() TO anamnesis_api;
