-- Ends the hold of an account, in its sessions too. Only for functions.
CREATE OR REPLACE FUNCTION auth.unhold(p_account uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE auth.account a SET held_since = NULL, held_until = NULL, held_password = NULL, held_mail = false
    WHERE a.id = p_account AND a.held_until IS NOT NULL;
    UPDATE auth.session s SET held_since = NULL, held_until = NULL WHERE s.account_id = p_account AND s.held_until IS NOT NULL;
$$;
