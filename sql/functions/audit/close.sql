-- Writes the audit row of this transaction: actor and request as auth.prove() or auth.anonymous() proved them, patients as
-- audit.about() named them. Kind 'patient' demands that one was named (AN404: nothing that the actor may see was
-- found), so that no patient's data are served without saying whose.
--
-- An access that only a broken glass allowed says so.
CREATE OR REPLACE FUNCTION audit.close(object uuid, outcome text, kind text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
AS $$
DECLARE
    request text := current_setting('anamnesis.request', true);
    moment bigint;
    named uuid[] := string_to_array(coalesce(current_setting('anamnesis.patients', true), ''), ',')::uuid[];
BEGIN
    IF kind = 'none' THEN
        RETURN;
    ELSIF kind = 'patient' AND named = '{}' THEN
        RAISE EXCEPTION USING ERRCODE = 'AN404', MESSAGE = 'no patient was found';
    ELSIF kind IS NULL OR kind NOT IN ('event', 'patient', 'patients') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'there is no such kind of audit row';
    END IF;
    -- What auth.acting() gives, within the statement that writes it: every access of every patient's data comes through here.
    IF request <> '' THEN
        moment := currval('auth.pin_moment');
    END IF;
    IF int8send(moment >> 8) IS DISTINCT FROM timestamptz_send(now())
       OR int8send(currval('auth.pin_request')) <> substr(sha256(convert_to(request, 'UTF8')), 1, 8) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'nobody has said who acts: auth.prove() comes first';
    END IF;
    INSERT INTO audit.event (practice_id, realm, actor_id, role, session_id, client_address, request_id, operation,
                             object_id, patient_ids, outcome, detail)
    VALUES (nullif(encode(int8send(currval('auth.pin_practice_1')) || int8send(currval('auth.pin_practice_2')), 'hex')::uuid,
                   '00000000-0000-0000-0000-000000000000'),
            CASE moment & 3 WHEN 1 THEN 'staff' WHEN 2 THEN 'patient' ELSE 'none' END,
            nullif(encode(int8send(currval('auth.pin_actor_1')) || int8send(currval('auth.pin_actor_2')), 'hex')::uuid,
                   '00000000-0000-0000-0000-000000000000'),
            (ARRAY['owner', 'physician', 'assistant', 'auditor', 'patient'])[moment >> 4 & 7],
            nullif(encode(int8send(currval('auth.pin_session_1')) || int8send(currval('auth.pin_session_2')), 'hex')::uuid,
                   '00000000-0000-0000-0000-000000000000'),
            substr(request, 101), left(request, 36)::uuid, rtrim(substr(request, 37, 64)),
            close.object, named, close.outcome,
            CASE WHEN moment & 7 = 1 AND named <> '{}' AND auth.through_glass(named) THEN 'break-glass' END);
END
$$;
GRANT EXECUTE ON FUNCTION audit.close(uuid,text,text) TO anamnesis_api;
