-- A count that went back: there may be two authenticators with one key. The passkey stays, and says so from now on.
CREATE OR REPLACE FUNCTION auth.passkey_doubt(p_account uuid, p_passkey uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.begun(p_account);
    UPDATE auth.passkey k SET doubted_at = coalesce(k.doubted_at, now())
    FROM auth.account a
    WHERE k.id = p_passkey AND k.account_id = p_account AND a.id = p_account AND a.passkey_asked = pg_current_xact_id();
END
$$;
GRANT EXECUTE ON FUNCTION auth.passkey_doubt(uuid,uuid) TO anamnesis_api;
