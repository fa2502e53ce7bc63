-- True when a second factor of the account was accepted in this transaction.
CREATE OR REPLACE FUNCTION auth.factor_is_fresh(p_account uuid) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM auth.account a WHERE a.id = p_account AND a.factor_xact = pg_current_xact_id())
$$;
