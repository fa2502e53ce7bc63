-- The audit row of a refused access, in a transaction of its own that auth.anonymous() has begun. The actor is looked up by the
-- session, which may have ended. A token of no session at all is one more of its hour and network (`audit.stranger`): a row
-- each, kept for six years, would be for anybody to fill the disk with.
CREATE OR REPLACE FUNCTION audit.refused(p_realm text, p_token_hash bytea, p_object uuid, p_outcome text, p_network text)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.begun(NULL);
    INSERT INTO audit.event (practice_id, realm, actor_id, role, session_id, client_address, request_id, operation,
                             object_id, patient_id, outcome)
    SELECT s.practice_id, s.realm::audit.realm, s.account_id, CASE s.realm WHEN 'patient' THEN 'patient' ELSE m.role END, s.id,
           a.client_address, a.request_id, a.operation, p_object,
           CASE s.realm WHEN 'patient' THEN s.account_id END, p_outcome
    FROM auth.acting() a
    JOIN auth.session s ON s.token_hash = p_token_hash AND s.realm = p_realm
    LEFT JOIN anamnesis.staff m ON m.id = s.account_id;
    IF NOT FOUND THEN
        PERFORM audit.note_stranger(p_network);
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION audit.refused(text,bytea,uuid,text,text) TO anamnesis_api;
