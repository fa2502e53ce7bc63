-- Every session of an account but one (NULL: none is spared), and whatever sign-in or reset is under way, ends: also one whose
-- password was found right just now, and which makes its session or challenge later. Those that make one at this moment are
-- waited for, and then end as well.
CREATE OR REPLACE FUNCTION auth.end_all(p_account uuid, p_spare uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE auth.account SET generation = generation + 1 WHERE id = p_account;
    UPDATE auth.session SET ended_at = now()
    WHERE account_id = p_account AND ended_at IS NULL AND id IS DISTINCT FROM p_spare;
    UPDATE auth.challenge SET used_at = now() WHERE account_id = p_account AND used_at IS NULL;
$$;
