-- Who acts, as it was proven, or whom an unfinished sign-in is about.
CREATE OR REPLACE FUNCTION auth.actor() RETURNS uuid LANGUAGE plpgsql STABLE
AS $$ BEGIN RETURN (SELECT a.actor_id FROM auth.acting a); END $$;
GRANT EXECUTE ON FUNCTION auth.actor() TO anamnesis_api;
