-- The patient who acts; NULL for everybody else.
CREATE OR REPLACE FUNCTION auth.patient() RETURNS uuid LANGUAGE plpgsql STABLE
AS $$ BEGIN RETURN (SELECT a.patient_id FROM auth.acting a); END $$;
GRANT EXECUTE ON FUNCTION auth.patient() TO anamnesis_api;
