-- Spends the challenge of a sign-in, and finds the passkey that answers it by its indexes: that of this account, or of
-- anybody who may sign in. No row when the challenge is not good; one without a passkey when there is none. The
-- passkey stays locked: its uses are counted one by one.
CREATE OR REPLACE FUNCTION auth.passkey_find(p_realm text, p_purpose text, p_challenge_hash bytea, p_account uuid, p_indexes bytea[])
RETURNS TABLE (passkey_id uuid, account_id uuid, handle uuid, passkey_sealed bytea, sign_count bigint,
               backup_eligible boolean, practice_name text, wrapped_key bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    IF p_purpose NOT IN ('mfa', 'step-up', 'sign-in') OR cardinality(p_indexes) > 16
        OR NOT auth.passkey_spend(p_realm, p_purpose, p_challenge_hash, p_account) THEN
        RETURN;
    END IF;
    SELECT k.id, a.id, a.passkey_handle, k.passkey_sealed, k.sign_count, k.backup_eligible, c.name,
           coalesce(m.wrapped_key, d.wrapped_key), a.practice_id
    INTO passkey_find.passkey_id, passkey_find.account_id, passkey_find.handle, passkey_find.passkey_sealed,
         passkey_find.sign_count, passkey_find.backup_eligible, passkey_find.practice_name, passkey_find.wrapped_key,
         practice
    FROM auth.passkey k
    JOIN auth.account a ON a.id = k.account_id AND a.realm = p_realm
    JOIN anamnesis.practice c ON c.id = a.practice_id
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id AND m.status = 'active'
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id AND p.status = 'active'
    LEFT JOIN anamnesis.data_key d ON d.patient_id = p.id
    WHERE k.credential_index = ANY (p_indexes) AND (p_account IS NULL OR a.id = p_account)
      AND num_nonnulls(m.id, p.id) = 1
    FOR UPDATE OF k;
    IF FOUND THEN
        UPDATE auth.account a SET passkey_asked = pg_current_xact_id(), passkey_purpose = p_purpose
        WHERE a.id = passkey_find.account_id;
        PERFORM auth.concerns(practice, passkey_find.account_id);
        PERFORM audit.about(passkey_find.account_id) WHERE p_realm = 'patient';
    END IF;
    RETURN NEXT;
END
$$;
GRANT EXECUTE ON FUNCTION auth.passkey_find(text,text,bytea,uuid,bytea[]) TO anamnesis_api;
