-- Staff whose role is not only to look on.
CREATE OR REPLACE FUNCTION auth.staff_writes() RETURNS boolean LANGUAGE plpgsql STABLE
AS $$ BEGIN RETURN auth.writes() IS NOT NULL; END $$;
GRANT EXECUTE ON FUNCTION auth.staff_writes() TO anamnesis_api;
