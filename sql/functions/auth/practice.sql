-- The practice in which somebody is acting.
CREATE OR REPLACE FUNCTION auth.practice() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.practice_id', true), '')::uuid;
GRANT EXECUTE ON FUNCTION auth.practice() TO anamnesis_api;
