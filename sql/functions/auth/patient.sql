-- The patient who is signed in; NULL for everybody else.
CREATE OR REPLACE FUNCTION auth.patient() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.patient_id', true), '')::uuid;
GRANT EXECUTE ON FUNCTION auth.patient() TO anamnesis_api;
