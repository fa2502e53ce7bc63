-- The accounts of an e-mail address, for the password to be checked by the process: of staff or of patients, at one
-- practice or several, sixteen at most. `indexes`: the address under every index key in use.
CREATE OR REPLACE FUNCTION auth.accounts_for_login(p_realm text, p_email_indexes bytea[])
RETURNS TABLE (account_id uuid, practice_id uuid, password_hash text, has_totp boolean, has_passkey boolean,
               mfa_required boolean, wrapped_key bytea, generation integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practices uuid[];
BEGIN
    PERFORM auth.begun(NULL);
    RETURN QUERY
    SELECT a.id, a.practice_id, a.password_hash, a.totp_sealed IS NOT NULL,
           EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = a.id),
           p_realm = 'staff' OR c.patient_mfa = 'required', t.wrapped_key, a.generation
    FROM (SELECT m.id, m.wrapped_key FROM anamnesis.staff m
          WHERE p_realm = 'staff' AND m.email_index = ANY (p_email_indexes) AND m.status = 'active'
          UNION ALL
          SELECT p.id, d.wrapped_key FROM anamnesis.patient p JOIN anamnesis.data_key d ON d.patient_id = p.id
          WHERE p_realm = 'patient' AND p.email_index = ANY (p_email_indexes) AND p.status = 'active') AS t
    JOIN auth.account a ON a.id = t.id AND a.realm = p_realm
    JOIN anamnesis.practice c ON c.id = a.practice_id
    ORDER BY a.id LIMIT 16;
    -- A practice shall see in its audit log that somebody tried at one of its accounts.
    SELECT array_agg(DISTINCT t.practice_id) INTO practices
    FROM (SELECT m.practice_id FROM anamnesis.staff m WHERE p_realm = 'staff' AND m.email_index = ANY (p_email_indexes)
          UNION ALL
          SELECT p.practice_id FROM anamnesis.patient p
          WHERE p_realm = 'patient' AND p.email_index = ANY (p_email_indexes) AND p.status = 'active') AS t;
    IF cardinality(practices) = 1 THEN
        PERFORM auth.concerns(practices[1], NULL);
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION auth.accounts_for_login(text,bytea[]) TO anamnesis_api;
