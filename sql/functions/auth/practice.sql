-- The practice in which somebody is acting, as it was proven; NULL when nothing was.
CREATE OR REPLACE FUNCTION auth.practice() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN CASE WHEN current_setting('anamnesis.request', true) <> '' THEN
           CASE WHEN int8send(currval('auth.pin_moment') >> 8) = timestamptz_send(now()) THEN
           nullif(encode(int8send(currval('auth.pin_practice_1')) || int8send(currval('auth.pin_practice_2')), 'hex')::uuid, '00000000-0000-0000-0000-000000000000')
           END END;
END
$$;
GRANT EXECUTE ON FUNCTION auth.practice() TO anamnesis_api;
