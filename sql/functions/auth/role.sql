-- The role of whoever is acting: owner, physician, assistant, auditor or patient.
CREATE OR REPLACE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.role', true), '');
GRANT EXECUTE ON FUNCTION auth.role() TO anamnesis_api;
