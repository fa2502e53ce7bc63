-- The practice in which somebody is acting, as it was proven; NULL when nothing was.
CREATE OR REPLACE FUNCTION auth.practice() RETURNS uuid LANGUAGE plpgsql STABLE
AS $$ BEGIN RETURN (SELECT a.practice_id FROM auth.acting a); END $$;
GRANT EXECUTE ON FUNCTION auth.practice() TO anamnesis_api;
