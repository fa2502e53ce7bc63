-- A patient goes on without a second factor, where the practice leaves the choice. Recovery codes go with it.
CREATE OR REPLACE FUNCTION auth.totp_remove() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own auth.account;
    passkeys boolean;
BEGIN
    SELECT * INTO own FROM auth.account a WHERE a.id = auth.actor() AND a.realm = auth.realm() FOR UPDATE;
    passkeys := EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = own.id);
    IF own.totp_sealed IS NULL OR NOT auth.is_fresh() THEN
        RETURN 'none';
    ELSIF NOT passkeys AND auth.needs_factor(own.id) THEN
        RETURN 'last';
    END IF;
    UPDATE auth.account a SET totp_sealed = NULL, totp_pending = NULL WHERE a.id = own.id;
    DELETE FROM auth.recovery_code r WHERE r.account_id = own.id AND NOT passkeys;
    RETURN 'removed';
END
$$;
GRANT EXECUTE ON FUNCTION auth.totp_remove() TO anamnesis_api;
