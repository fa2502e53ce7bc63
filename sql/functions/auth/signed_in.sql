-- The actor, for somebody with a session; NULL for an unfinished sign-in.
CREATE OR REPLACE FUNCTION auth.signed_in() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN CASE WHEN current_setting('anamnesis.request', true) <> '' THEN
           CASE WHEN int8send(currval('auth.pin_moment') >> 8) = timestamptz_send(now()) THEN
           CASE WHEN currval('auth.pin_moment') & 3 IN (1, 2) THEN encode(int8send(currval('auth.pin_actor_1')) || int8send(currval('auth.pin_actor_2')), 'hex')::uuid END
           END END;
END
$$;
GRANT EXECUTE ON FUNCTION auth.signed_in() TO anamnesis_api;
