-- The account that a reset's token is for, while it can be used; its e-mail address, and a patient's given name, still
-- sealed. Whose it is is locked first, as when an address is changed, then the challenge.
CREATE OR REPLACE FUNCTION auth.reset_account(p_realm text, p_token_hash bytea)
RETURNS TABLE (account_id uuid, practice_name text, wrapped_key bytea, email bytea, given_name bytea,
               with_factor boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    PERFORM auth.begun(NULL);
    SELECT h.account_id INTO reset_account.account_id FROM auth.challenge h
    WHERE h.token_hash = p_token_hash AND h.realm = p_realm AND h.purpose = 'reset';
    PERFORM FROM anamnesis.staff s WHERE p_realm = 'staff' AND s.id = reset_account.account_id FOR NO KEY UPDATE;
    PERFORM FROM anamnesis.patient p WHERE p_realm = 'patient' AND p.id = reset_account.account_id FOR NO KEY UPDATE;
    SELECT a.id, c.name, coalesce(m.wrapped_key, d.wrapped_key), coalesce(m.email, p.email)::bytea, p.given_name::bytea,
           auth.has_factor(a.id) OR auth.needs_factor(a.id), a.practice_id
    INTO reset_account.account_id, reset_account.practice_name, reset_account.wrapped_key, reset_account.email,
         reset_account.given_name, reset_account.with_factor, practice
    FROM auth.challenge h
    JOIN auth.account a ON a.id = h.account_id
    JOIN anamnesis.practice c ON c.id = a.practice_id
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id AND m.status = 'active'
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id AND p.status = 'active'
    LEFT JOIN anamnesis.data_key d ON d.patient_id = p.id
    WHERE h.token_hash = p_token_hash AND h.realm = p_realm AND h.purpose = 'reset' AND h.used_at IS NULL
      AND h.expires_at > now() AND NOT a.recover_only AND num_nonnulls(m.id, p.id) = 1
    FOR UPDATE OF h;
    IF FOUND THEN
        PERFORM auth.concerns(practice, reset_account.account_id);
        RETURN NEXT;
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION auth.reset_account(text,bytea) TO anamnesis_api;
