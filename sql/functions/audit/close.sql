-- Writes the audit row of this transaction: actor and request as auth.prove() or auth.anonymous() proved them, patients as
-- audit.about() named them. Kind 'patient' demands that one was named (AN404: nothing that the actor may see was
-- found), so that no patient's data are served without saying whose.
--
-- An access that only a broken glass allowed says so.
CREATE OR REPLACE FUNCTION audit.close(object uuid, outcome text, kind text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    a record;
    named uuid[] := string_to_array(coalesce(current_setting('anamnesis.patients', true), ''), ',')::uuid[];
BEGIN
    IF kind = 'none' THEN
        RETURN;
    ELSIF kind = 'patient' AND named = '{}' THEN
        RAISE EXCEPTION USING ERRCODE = 'AN404', MESSAGE = 'no patient was found';
    ELSIF kind IS NULL OR kind NOT IN ('event', 'patient', 'patients') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'there is no such kind of audit row';
    END IF;
    a := auth.acting();
    IF a.realm IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'nobody has said who acts: auth.prove() comes first';
    END IF;
    INSERT INTO audit.event (practice_id, realm, actor_id, role, session_id, client_address, request_id, operation,
                             object_id, patient_ids, outcome, detail)
    VALUES (a.practice_id, a.realm, a.actor_id, a.role, a.session_id, a.client_address, a.request_id, a.operation,
            close.object, named, close.outcome,
            CASE WHEN named <> '{}' AND a.realm = 'staff' AND NOT a.sees_all AND auth.through_glass(named) THEN 'break-glass' END);
END
$$;
GRANT EXECUTE ON FUNCTION audit.close(uuid,text,text) TO anamnesis_api;
