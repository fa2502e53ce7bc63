-- Since when the signed-in patient's earlier answers are held; NULL when they are not.
CREATE OR REPLACE FUNCTION auth.held_since() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT s.held_since FROM auth.session s, auth.acting a WHERE s.id = a.session_id AND a.held_patient IS NOT NULL $$;
GRANT EXECUTE ON FUNCTION auth.held_since() TO anamnesis_api;
