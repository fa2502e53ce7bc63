-- The member of staff or the patient who is acting.
CREATE OR REPLACE FUNCTION auth.actor() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.actor_id', true), '')::uuid;
GRANT EXECUTE ON FUNCTION auth.actor() TO anamnesis_api;
