-- The accounts of an e-mail address, for the password to be checked by the process: one of staff, or those of a
-- patient at no more than four practices (each costs a password hash).
CREATE OR REPLACE FUNCTION auth.accounts_for_login(p_realm text, p_email_index bytea)
RETURNS TABLE (account_id uuid, practice_id uuid, password_hash text, has_totp boolean, has_passkey boolean,
               mfa_required boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practices uuid[];
BEGIN
    PERFORM auth.begun(NULL);
    IF p_realm = 'staff' THEN
        RETURN QUERY
        SELECT a.id, a.practice_id, a.password_hash, a.totp_sealed IS NOT NULL,
               EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = a.id), true
        FROM anamnesis.staff m JOIN auth.account a ON a.id = m.id AND a.realm = 'staff'
        WHERE m.email_index = p_email_index AND m.status = 'active';
        SELECT m.practice_id INTO accounts_for_login.practice_id
        FROM anamnesis.staff m WHERE m.email_index = p_email_index;
    ELSIF p_realm = 'patient' THEN
        RETURN QUERY
        SELECT a.id, a.practice_id, a.password_hash, a.totp_sealed IS NOT NULL,
               EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = a.id), c.patient_mfa = 'required'
        FROM anamnesis.patient p
        JOIN auth.account a ON a.id = p.id AND a.realm = 'patient'
        JOIN anamnesis.practice c ON c.id = p.practice_id
        WHERE p.email_index = p_email_index AND p.status = 'active'
        ORDER BY a.id LIMIT 4;
        SELECT array_agg(p.practice_id) INTO practices
        FROM anamnesis.patient p WHERE p.email_index = p_email_index AND p.status = 'active';
        IF cardinality(practices) = 1 THEN
            accounts_for_login.practice_id := practices[1];
        END IF;
    END IF;
    -- A practice shall see in its audit log that somebody tried at one of its accounts.
    IF accounts_for_login.practice_id IS NOT NULL THEN
        PERFORM auth.concerns(accounts_for_login.practice_id, NULL);
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION auth.accounts_for_login(text,bytea) TO anamnesis_api;
