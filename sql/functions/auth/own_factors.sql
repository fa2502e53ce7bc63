-- Which factors the actor's own account has.
CREATE OR REPLACE FUNCTION auth.own_factors() RETURNS TABLE (totp boolean, passkeys integer, recovery_codes integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.totp_sealed IS NOT NULL,
           (SELECT count(*)::integer FROM auth.passkey k WHERE k.account_id = a.id),
           (SELECT count(*)::integer FROM auth.recovery_code r WHERE r.account_id = a.id AND r.used_at IS NULL)
    FROM auth.account a WHERE a.id = auth.actor() AND a.realm = auth.realm()
$$;
GRANT EXECUTE ON FUNCTION auth.own_factors() TO anamnesis_api;
