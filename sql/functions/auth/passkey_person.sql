-- The e-mail address, still sealed, of an account whose ceremony is under way in this transaction.
CREATE OR REPLACE FUNCTION auth.passkey_person(p_account uuid) RETURNS TABLE (account_id uuid, realm text, email bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.begun(p_account);
    RETURN QUERY
    SELECT a.id, a.realm, coalesce(m.email, p.email)::bytea
    FROM auth.account a
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id
    WHERE a.id = p_account AND a.passkey_asked = pg_current_xact_id();
END
$$;
GRANT EXECUTE ON FUNCTION auth.passkey_person(uuid) TO anamnesis_api;
