-- The session of whoever is acting.
CREATE OR REPLACE FUNCTION auth.session() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.session_id', true), '')::uuid;
GRANT EXECUTE ON FUNCTION auth.session() TO anamnesis_api;
