-- Writes the audit row of this transaction: actor and request as auth.prove() or auth.anonymous() proved them, patients as
-- audit.about() named them. Kind 'patient' demands that one was named (AN404: nothing that the actor may see was
-- found), so that no patient's data are served without saying whose.
--
-- An access that only a broken glass allowed says so.
--
-- Every request pays for each function and operator in here, 2 to 3 thousand instructions: what few rows need is behind an IF.
CREATE OR REPLACE FUNCTION audit.close(object uuid, outcome text, kind text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
AS $$
DECLARE
    request text := current_setting('anamnesis.request', true);
    named text := current_setting('anamnesis.patients', true);
    several uuid[];
    place integer; -- in the list of roles
    detail text;
BEGIN
    -- What auth.acting() gives, within the statement that writes it: every access of every patient's data comes through here.
    IF (CASE WHEN request <> '' AND kind IN ('event', 'patient', 'patients') AND (kind <> 'patient' OR named <> '') THEN
            int8send(currval('auth.pin_moment') >> 8) = timestamptz_send(now())
            AND int8send(currval('auth.pin_request')) = substr(sha256(convert_to(request, 'UTF8')), 1, 8) END) THEN
        place := (currval('auth.pin_moment') >> 4 & 7)::integer;
        IF length(named) > 36 THEN
            several := string_to_array(named, ',')::uuid[];
        END IF;
        IF place < 5 AND named <> '' AND currval('auth.pin_moment') & 7 = 1 THEN
            detail := CASE WHEN auth.through_glass(string_to_array(named, ',')::uuid[]) THEN 'break-glass' END;
        END IF;
        INSERT INTO audit.event (practice_id, realm, actor_id, role, session_id, client_address, request_id, operation,
                                 object_id, patient_id, patient_ids, outcome, detail)
        VALUES (nullif(encode(int8send(currval('auth.pin_practice_1')) || int8send(currval('auth.pin_practice_2')), 'hex')::uuid,
                       '00000000-0000-0000-0000-000000000000'),
                coalesce((ARRAY['staff', 'staff', 'staff', 'staff', 'patient']::audit.realm[])[place], 'none'),
                nullif(encode(int8send(currval('auth.pin_actor_1')) || int8send(currval('auth.pin_actor_2')), 'hex')::uuid,
                       '00000000-0000-0000-0000-000000000000'),
                (ARRAY['owner', 'physician', 'assistant', 'auditor', 'patient'])[place],
                nullif(encode(int8send(currval('auth.pin_session_1')) || int8send(currval('auth.pin_session_2')), 'hex')::uuid,
                       '00000000-0000-0000-0000-000000000000'),
                split_part(request, ' ', 3), split_part(request, ' ', 1)::uuid, split_part(request, ' ', 2),
                close.object, CASE WHEN several IS NULL THEN nullif(named, '')::uuid END, several, close.outcome, detail);
    ELSIF kind = 'none' THEN
        RETURN;
    ELSIF kind = 'patient' AND coalesce(named, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'AN404', MESSAGE = 'no patient was found';
    ELSIF kind IS NULL OR kind NOT IN ('event', 'patient', 'patients') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'there is no such kind of audit row';
    ELSE
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'nobody has said who acts: auth.prove() comes first';
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION audit.close(uuid,text,text) TO anamnesis_api;
