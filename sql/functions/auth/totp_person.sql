-- Whose seed was just kept: for its label in the authenticator app. The address is still sealed.
CREATE OR REPLACE FUNCTION auth.totp_person(p_account uuid) RETURNS TABLE (account_id uuid, realm text, email bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.id, a.realm, coalesce(m.email, p.email)::bytea
    FROM auth.account a
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id
    WHERE a.id = p_account AND a.id = auth.actor() AND a.totp_pending IS NOT NULL
$$;
GRANT EXECUTE ON FUNCTION auth.totp_person(uuid) TO anamnesis_api;
