-- The patient who acts as the setting says it, not proven: see auth.claimed_practice().
CREATE OR REPLACE FUNCTION auth.claimed_patient() RETURNS uuid LANGUAGE sql STABLE
RETURN CASE WHEN left(current_setting('anamnesis.actor', true), 1) = 'p'
            THEN substr(current_setting('anamnesis.actor', true), 40, 36)::uuid END;
GRANT EXECUTE ON FUNCTION auth.claimed_patient() TO anamnesis_api;
