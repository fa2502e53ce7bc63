-- Until when the signed-in patient's earlier answers are held; NULL when they are not.
CREATE OR REPLACE FUNCTION auth.held_until() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT s.held_until FROM auth.session s WHERE s.id = auth.session() AND s.held_until > now() $$;
GRANT EXECUTE ON FUNCTION auth.held_until() TO anamnesis_api;
