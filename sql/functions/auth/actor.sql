-- Who acts, as it was proven, or whom an unfinished sign-in is about.
CREATE OR REPLACE FUNCTION auth.actor() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN CASE WHEN current_setting('anamnesis.request', true) <> '' THEN
           CASE WHEN int8send(currval('auth.pin_moment') >> 8) = timestamptz_send(now()) THEN
           nullif(encode(int8send(currval('auth.pin_actor_1')) || int8send(currval('auth.pin_actor_2')), 'hex')::uuid, '00000000-0000-0000-0000-000000000000')
           END END;
END
$$;
GRANT EXECUTE ON FUNCTION auth.actor() TO anamnesis_api;
