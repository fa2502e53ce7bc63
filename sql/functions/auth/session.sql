-- The session by which somebody acts.
CREATE OR REPLACE FUNCTION auth.session() RETURNS uuid LANGUAGE plpgsql STABLE
AS $$ BEGIN RETURN (SELECT a.session_id FROM auth.acting a); END $$;
GRANT EXECUTE ON FUNCTION auth.session() TO anamnesis_api;
