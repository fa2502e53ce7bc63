-- What members of staff and patients change about themselves. NULL: the revision is stale.
CREATE OR REPLACE FUNCTION auth.staff_rename(p_revision integer, p_key bytea, p_name text) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE anamnesis.staff s SET name = phi.seal(p_key, 'staff.name:' || s.id::text, p_name), revision = s.revision + 1
    WHERE s.id = auth.actor() AND auth.realm() = 'staff' AND s.revision = p_revision
    RETURNING s.revision
$$;
GRANT EXECUTE ON FUNCTION auth.staff_rename(integer,bytea,text) TO anamnesis_api;
