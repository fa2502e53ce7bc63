-- The role of the account that is acting, as it was proven; NULL when there is none.
CREATE OR REPLACE FUNCTION auth.role() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN CASE WHEN current_setting('anamnesis.request', true) <> '' THEN
           CASE WHEN int8send(currval('auth.pin_moment') >> 8) = timestamptz_send(now()) THEN
           (ARRAY['owner', 'physician', 'assistant', 'auditor', 'patient'])[(currval('auth.pin_moment') >> 4) & 7]
           END END;
END
$$;
GRANT EXECUTE ON FUNCTION auth.role() TO anamnesis_api;
