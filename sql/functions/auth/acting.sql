-- Who acts and by which request; NULL in every place when nobody has proven anything, or what `anamnesis.request` says is not
-- what was said when it was proven. The same as the functions of these names give, for functions with their owner's rights and
-- a search path of their own that need several.
CREATE OR REPLACE FUNCTION auth.acting(OUT realm text, OUT role text, OUT sees_all boolean, OUT practice_id uuid, OUT actor_id uuid,
                                       OUT session_id uuid, OUT request_id uuid, OUT operation text, OUT client_address text)
RETURNS record
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    request text := current_setting('anamnesis.request', true);
    kind integer;
BEGIN
    IF request <> '' THEN
        IF int8send(currval('auth.pin_moment') >> 8) = timestamptz_send(now())
           AND int8send(currval('auth.pin_request')) = substr(sha256(convert_to(request, 'UTF8')), 1, 8) THEN
            kind := (currval('auth.pin_moment') & 255)::integer;
            realm := CASE kind & 3 WHEN 1 THEN 'staff' WHEN 2 THEN 'patient' ELSE 'none' END;
            role := (ARRAY['owner', 'physician', 'assistant', 'auditor', 'patient'])[kind >> 4];
            sees_all := kind & 7 = 5;
            practice_id := nullif(encode(int8send(currval('auth.pin_practice_1')) || int8send(currval('auth.pin_practice_2')), 'hex')::uuid, '00000000-0000-0000-0000-000000000000');
            actor_id := nullif(encode(int8send(currval('auth.pin_actor_1')) || int8send(currval('auth.pin_actor_2')), 'hex')::uuid, '00000000-0000-0000-0000-000000000000');
            session_id := nullif(encode(int8send(currval('auth.pin_session_1')) || int8send(currval('auth.pin_session_2')), 'hex')::uuid, '00000000-0000-0000-0000-000000000000');
            request_id := split_part(request, ' ', 1);
            operation := split_part(request, ' ', 2);
            client_address := split_part(request, ' ', 3);
        END IF;
    END IF;
END
$$;
