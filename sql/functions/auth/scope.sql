-- Of which a row's practice and patient must be for being seen at once: the practice of staff who see all; a patient's practice
-- and the patient. NULL for staff who see some, and for nobody.
CREATE OR REPLACE FUNCTION auth.scope() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN CASE WHEN current_setting('anamnesis.request', true) <> '' THEN
           CASE WHEN int8send(currval('auth.pin_moment') >> 8) = timestamptz_send(now()) THEN
           CASE WHEN currval('auth.pin_moment') & 3 = 2 THEN ARRAY[encode(int8send(currval('auth.pin_practice_1')) || int8send(currval('auth.pin_practice_2')), 'hex')::uuid, encode(int8send(currval('auth.pin_actor_1')) || int8send(currval('auth.pin_actor_2')), 'hex')::uuid]
                WHEN currval('auth.pin_moment') & 7 = 5 THEN ARRAY[encode(int8send(currval('auth.pin_practice_1')) || int8send(currval('auth.pin_practice_2')), 'hex')::uuid] END
           END END;
END
$$;
GRANT EXECUTE ON FUNCTION auth.scope() TO anamnesis_api;
