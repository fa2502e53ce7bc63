-- True while somebody else of the practice's staff may still get an address back that was theirs: to take it would end their
-- objection. (Patients may share addresses, so nobody's is taken.) Only for functions.
CREATE OR REPLACE FUNCTION auth.address_kept(p_practice uuid, p_owner uuid, p_indexes bytea[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM auth.address_change c
        WHERE c.old_index = ANY (p_indexes) AND c.realm = 'staff' AND c.practice_id = p_practice AND c.account_id <> p_owner
          AND c.ended_at IS NULL AND c.object_until > now())
$$;
