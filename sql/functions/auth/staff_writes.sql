-- Staff whose role is not only to look on.
CREATE OR REPLACE FUNCTION auth.staff_writes() RETURNS boolean LANGUAGE plpgsql STABLE
AS $$ BEGIN RETURN (SELECT a.writes IS NOT NULL FROM auth.acting a); END $$;
GRANT EXECUTE ON FUNCTION auth.staff_writes() TO anamnesis_api;
