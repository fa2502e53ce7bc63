-- The hash of the password that the signed-in patient had before the hold; no row without a hold.
CREATE OR REPLACE FUNCTION auth.held_password() RETURNS TABLE (account_id uuid, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.id, a.held_password FROM auth.account a
    WHERE a.id = auth.patient() AND a.realm = 'patient' AND a.held_until > now()
$$;
GRANT EXECUTE ON FUNCTION auth.held_password() TO anamnesis_api;
