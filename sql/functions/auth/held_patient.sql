-- The patient who acts, when earlier answers are held.
CREATE OR REPLACE FUNCTION auth.held_patient() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN CASE WHEN current_setting('anamnesis.request', true) <> '' THEN
           CASE WHEN int8send(currval('auth.pin_moment') >> 8) = timestamptz_send(now()) THEN
           CASE WHEN currval('auth.pin_moment') & 11 = 10 THEN encode(int8send(currval('auth.pin_actor_1')) || int8send(currval('auth.pin_actor_2')), 'hex')::uuid END
           END END;
END
$$;
GRANT EXECUTE ON FUNCTION auth.held_patient() TO anamnesis_api;
