-- The audit row of a refused access, in a transaction of its own. The actor is looked up by the session, which may
-- have ended.
CREATE OR REPLACE FUNCTION audit.refused(p_operation text, p_request_id uuid, p_client_address text, p_realm text,
                              p_token_hash bytea, p_object uuid, p_outcome text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO audit.event (practice_id, realm, actor_id, role, session_id, client_address, request_id, operation,
                             object_id, patient_ids, outcome)
    SELECT s.practice_id, CASE WHEN s.id IS NULL THEN 'none' ELSE s.realm END, s.account_id,
           CASE s.realm WHEN 'patient' THEN 'patient' ELSE m.role END, s.id, left(p_client_address, 64), p_request_id,
           p_operation, p_object, CASE s.realm WHEN 'patient' THEN ARRAY[s.account_id] ELSE '{}'::uuid[] END, p_outcome
    FROM (VALUES (p_token_hash)) AS given (hash)
    LEFT JOIN auth.session s ON s.token_hash = given.hash AND s.realm = p_realm
    LEFT JOIN anamnesis.staff m ON m.id = s.account_id
$$;
GRANT EXECUTE ON FUNCTION audit.refused(text,uuid,text,text,bytea,uuid,text) TO anamnesis_api;
