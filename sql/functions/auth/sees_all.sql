-- True for staff to whom no care team is asked for. Said by auth.prove() alone: what was never said is false.
CREATE OR REPLACE FUNCTION auth.sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('anamnesis.sees', true) = 'all', false);
GRANT EXECUTE ON FUNCTION auth.sees_all() TO anamnesis_api;
