-- The actor's role, as it was proven.
CREATE OR REPLACE FUNCTION auth.role() RETURNS text LANGUAGE plpgsql STABLE
AS $$ BEGIN RETURN (SELECT a.role FROM auth.acting a); END $$;
GRANT EXECUTE ON FUNCTION auth.role() TO anamnesis_api;
