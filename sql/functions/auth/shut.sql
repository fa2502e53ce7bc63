-- Shuts an account until the practice has sent a new link: sessions end, the password is one that nobody knows, second
-- factors are gone. What was held need not be: nobody is in, and the next link holds what it must. Only for functions.
CREATE OR REPLACE FUNCTION auth.shut(p_account uuid, p_password_hash text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE auth.account a
    SET password_hash = p_password_hash, totp_sealed = NULL, totp_pending = NULL, totp_step = 0, factor_xact = NULL,
        recover_only = true
    WHERE a.id = p_account;
    DELETE FROM auth.recovery_code r WHERE r.account_id = p_account;
    DELETE FROM auth.passkey k WHERE k.account_id = p_account;
    SELECT auth.unhold(p_account);
    SELECT auth.end_all(p_account, NULL);
$$;
