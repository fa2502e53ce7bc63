-- The password was right for several accounts: one of the choices, good for five minutes, and by what it is told apart:
-- the practice, and for a patient the given name (p_key: the patient's data key).
-- No row when the account was shut, or all of it ended, since its password was right in this generation of it.
CREATE OR REPLACE FUNCTION auth.choice_create(p_token_hash bytea, p_realm text, p_account uuid, p_delivery text, p_key bytea,
                                              p_generation integer)
RETURNS TABLE (practice_name text, given_name text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.begun(p_account);
    IF NOT auth.still(p_realm, p_account, p_generation) THEN
        RETURN;
    END IF;
    INSERT INTO auth.challenge (token_hash, practice_id, realm, account_id, purpose, delivery, expires_at)
    SELECT p_token_hash, a.practice_id, a.realm, a.id, 'choose', p_delivery, now() + interval '5 minutes'
    FROM auth.account a WHERE a.id = p_account AND a.realm = p_realm;
    RETURN QUERY
    SELECT c.name, phi.open(p_key, 'patient.given_name:' || p.id::text, p.given_name)
    FROM auth.account a
    JOIN anamnesis.practice c ON c.id = a.practice_id
    LEFT JOIN anamnesis.patient p ON p.id = audit.about(CASE a.realm WHEN 'patient' THEN a.id END)
    WHERE a.id = p_account AND a.realm = p_realm;
END
$$;
GRANT EXECUTE ON FUNCTION auth.choice_create(bytea,text,uuid,text,bytea,integer) TO anamnesis_api;
