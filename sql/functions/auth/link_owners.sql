-- The active owners of the practice whose link this is (to object to an address, or to answer a recovery), whatever was
-- answered; addresses still sealed. Nobody is signed in, so row-level security would show none.
CREATE OR REPLACE FUNCTION auth.link_owners(p_hash bytea)
RETURNS TABLE (id uuid, wrapped_key bytea, practice_name text, email bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.id, s.wrapped_key, n.name, s.email::bytea
    FROM anamnesis.staff s JOIN anamnesis.practice n ON n.id = s.practice_id
    WHERE auth.realm() = 'none' AND s.role = 'owner' AND s.status = 'active' AND s.practice_id IN (
        SELECT c.practice_id FROM auth.address_change c WHERE p_hash IN (c.object_hash, c.again_hash)
        UNION ALL SELECT i.practice_id FROM anamnesis.invitation i WHERE i.answer_hash = p_hash)
    ORDER BY s.id LIMIT 50
$$;
GRANT EXECUTE ON FUNCTION auth.link_owners(bytea) TO anamnesis_api;
