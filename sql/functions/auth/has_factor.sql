-- What counts as a second factor: an authenticator app, or a passkey. Only for the functions below.
CREATE OR REPLACE FUNCTION auth.has_factor(p_account uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM auth.account a WHERE a.id = p_account AND a.totp_sealed IS NOT NULL)
        OR EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = p_account)
$$;
