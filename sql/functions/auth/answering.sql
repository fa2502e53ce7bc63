-- The patient who acts, when no answers are held.
CREATE OR REPLACE FUNCTION auth.answering() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN CASE WHEN current_setting('anamnesis.request', true) <> '' THEN
           CASE WHEN int8send(currval('auth.pin_moment') >> 8) = timestamptz_send(now()) THEN
           CASE WHEN currval('auth.pin_moment') & 11 = 2 THEN encode(int8send(currval('auth.pin_actor_1')) || int8send(currval('auth.pin_actor_2')), 'hex')::uuid END
           END END;
END
$$;
GRANT EXECUTE ON FUNCTION auth.answering() TO anamnesis_api;
