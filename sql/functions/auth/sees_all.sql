-- True for staff to whom no care team is asked for.
CREATE OR REPLACE FUNCTION auth.sees_all() RETURNS boolean LANGUAGE plpgsql STABLE
AS $$ BEGIN RETURN coalesce((SELECT a.sees_all FROM auth.acting a), false); END $$;
GRANT EXECUTE ON FUNCTION auth.sees_all() TO anamnesis_api;
