-- 'removed'; 'none' when it is none of the signed-in account's, 'last' when it must not go. As for authenticator apps,
-- recovery codes go with the last second factor.
CREATE OR REPLACE FUNCTION auth.passkey_remove(p_passkey uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own uuid;
BEGIN
    SELECT a.id INTO own FROM auth.account a WHERE a.id = auth.actor() AND a.realm = auth.realm() FOR UPDATE;
    IF NOT auth.is_fresh() THEN
        RAISE EXCEPTION USING ERRCODE = 'AN430', MESSAGE = 'removing a second factor needs fresh proof';
    ELSIF NOT EXISTS (SELECT FROM auth.passkey k WHERE k.id = p_passkey AND k.account_id = own) THEN
        RETURN 'none';
    ELSIF auth.needs_factor(own)
        AND NOT EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = own AND k.id <> p_passkey)
        AND NOT EXISTS (SELECT FROM auth.account a WHERE a.id = own AND a.totp_sealed IS NOT NULL) THEN
        RETURN 'last';
    END IF;
    DELETE FROM auth.passkey k WHERE k.id = p_passkey;
    DELETE FROM auth.recovery_code r WHERE r.account_id = own AND NOT auth.has_factor(own);
    RETURN 'removed';
END
$$;
GRANT EXECUTE ON FUNCTION auth.passkey_remove(uuid) TO anamnesis_api;
