-- The invitation of a token, if it can be used now; locked, so that guesses at the birth date are counted one by one.
-- An invitation to recover is for somebody who has registered.
CREATE OR REPLACE FUNCTION auth.invitation_by_token(p_token_hash bytea)
RETURNS TABLE (invitation_id uuid, patient_id uuid, wrapped_key bytea, practice_name text, mfa_required boolean,
               expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    PERFORM auth.begun(NULL);
    -- The patient first: two links of one patient wait for each other, and none waits for what the other holds.
    PERFORM FROM anamnesis.patient p
    WHERE p.id = (SELECT i.patient_id FROM anamnesis.invitation i WHERE i.token_hash = p_token_hash) FOR NO KEY UPDATE;
    SELECT i.id, p.id, d.wrapped_key, c.name, c.patient_mfa = 'required', i.expires_at, i.practice_id
    INTO invitation_by_token.invitation_id, invitation_by_token.patient_id, invitation_by_token.wrapped_key,
         invitation_by_token.practice_name, invitation_by_token.mfa_required, invitation_by_token.expires_at, practice
    FROM anamnesis.invitation i
    JOIN anamnesis.patient p ON p.id = i.patient_id
    JOIN anamnesis.data_key d ON d.patient_id = p.id
    JOIN anamnesis.practice c ON c.id = i.practice_id
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
      AND p.status = 'active' AND (p.registered_at IS NOT NULL) = i.recovers
    FOR UPDATE OF i;
    IF FOUND THEN
        PERFORM auth.concerns(practice, invitation_by_token.patient_id);
        RETURN NEXT;
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION auth.invitation_by_token(bytea) TO anamnesis_api;
