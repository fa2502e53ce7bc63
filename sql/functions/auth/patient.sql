-- The patient who acts, as it was proven; NULL when it is nobody or somebody else.
CREATE OR REPLACE FUNCTION auth.patient() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN CASE WHEN current_setting('anamnesis.request', true) <> '' THEN
           CASE WHEN int8send(currval('auth.pin_moment') >> 8) = timestamptz_send(now()) THEN
           CASE WHEN currval('auth.pin_moment') & 3 = 2 THEN encode(int8send(currval('auth.pin_actor_1')) || int8send(currval('auth.pin_actor_2')), 'hex')::uuid END
           END END;
END
$$;
GRANT EXECUTE ON FUNCTION auth.patient() TO anamnesis_api;
