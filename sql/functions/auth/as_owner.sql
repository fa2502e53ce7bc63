-- What only an owner with fresh proof may do. One at a time in a practice: the lock makes two owners who change each other
-- come one after the other, and the second one is asked again whether they still are one.
CREATE OR REPLACE FUNCTION auth.as_owner() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM anamnesis.practice c WHERE c.id = auth.practice() FOR NO KEY UPDATE;
    IF auth.realm() IS DISTINCT FROM 'staff' OR NOT auth.is_fresh() OR NOT EXISTS (
        SELECT FROM anamnesis.staff s
        WHERE s.id = auth.actor() AND s.practice_id = auth.practice() AND s.role = 'owner' AND s.status = 'active') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'this needs an owner with fresh proof';
    END IF;
END
$$;
