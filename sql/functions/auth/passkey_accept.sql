-- The process has checked what the passkey signed: a second factor from now on in this transaction, and a whole
-- sign-in when it verified its user and was asked for that. False when its count did not rise (0 does not count).
CREATE OR REPLACE FUNCTION auth.passkey_accept(p_account uuid, p_passkey uuid, p_sign_count bigint, p_backed_up boolean,
                                    p_verified boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.begun(p_account);
    UPDATE auth.passkey k SET sign_count = p_sign_count, backed_up = p_backed_up, last_used_at = now()
    FROM auth.account a
    WHERE k.id = p_passkey AND k.account_id = p_account AND a.id = p_account
      AND a.passkey_asked = pg_current_xact_id() AND a.passkey_purpose IN ('mfa', 'step-up', 'sign-in')
      AND (a.passkey_purpose <> 'sign-in' OR p_verified)
      AND (k.sign_count < p_sign_count OR (k.sign_count = 0 AND p_sign_count = 0));
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE auth.account a
    SET factor_xact = pg_current_xact_id(),
        passkey_xact = CASE WHEN a.passkey_purpose = 'sign-in' THEN pg_current_xact_id() END
    WHERE a.id = p_account;
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION auth.passkey_accept(uuid,uuid,bigint,boolean,boolean) TO anamnesis_api;
