-- As auth.scope(), but NULL for a patient whose earlier answers are held: which may be seen says auth.sees_answer().
CREATE OR REPLACE FUNCTION auth.answers() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN CASE WHEN current_setting('anamnesis.request', true) <> '' THEN
           CASE WHEN int8send(currval('auth.pin_moment') >> 8) = timestamptz_send(now()) THEN
           CASE WHEN currval('auth.pin_moment') & 11 = 2 THEN ARRAY[encode(int8send(currval('auth.pin_practice_1')) || int8send(currval('auth.pin_practice_2')), 'hex')::uuid, encode(int8send(currval('auth.pin_actor_1')) || int8send(currval('auth.pin_actor_2')), 'hex')::uuid]
                WHEN currval('auth.pin_moment') & 7 = 5 THEN ARRAY[encode(int8send(currval('auth.pin_practice_1')) || int8send(currval('auth.pin_practice_2')), 'hex')::uuid] END
           END END;
END
$$;
GRANT EXECUTE ON FUNCTION auth.answers() TO anamnesis_api;
