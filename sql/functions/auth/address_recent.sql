-- Until when the former address of an account may object to a change that somebody else proposed; NULL when there is no such
-- change. Only for functions.
CREATE OR REPLACE FUNCTION auth.address_recent(p_account uuid) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT max(c.object_until) FROM auth.address_change c
    WHERE c.account_id = p_account AND c.proposed_by <> c.account_id AND c.ended_at IS NULL AND c.object_until > now()
$$;
