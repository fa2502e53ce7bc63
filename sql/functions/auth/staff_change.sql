-- Changes role and state (NULL: as it is); the new revision, or NULL when the revision is stale. The role counts at once
-- (in the sessions, by a trigger); whoever is disabled is signed out at once. AN432: nobody would be left to
-- change anything.
--
-- Whoever is disabled loses a link that is under way; somebody who never had an account is invited again when taken up.
CREATE OR REPLACE FUNCTION auth.staff_change(p_staff uuid, p_revision integer, p_role text, p_status text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made integer;
BEGIN
    PERFORM auth.as_owner();
    UPDATE anamnesis.staff s
    SET role = coalesce(p_role, s.role), revision = s.revision + 1,
        status = CASE WHEN p_status = 'active' AND NOT EXISTS (SELECT FROM auth.account a WHERE a.id = s.id)
                 THEN 'invited' ELSE coalesce(p_status, s.status) END
    WHERE s.practice_id = auth.practice() AND s.id = p_staff AND s.revision = p_revision
    RETURNING s.revision INTO made;
    IF NOT EXISTS (SELECT FROM anamnesis.staff s
                   WHERE s.practice_id = auth.practice() AND s.role = 'owner' AND s.status = 'active') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN432', MESSAGE = 'the practice would have no active owner';
    END IF;
    IF made IS NOT NULL AND p_status = 'disabled' THEN
        PERFORM auth.end_all(p_staff, NULL);
        UPDATE auth.staff_invitation i SET used_at = now() WHERE i.staff_id = p_staff AND i.used_at IS NULL;
    END IF;
    RETURN made;
END
$$;
GRANT EXECUTE ON FUNCTION auth.staff_change(uuid,integer,text,text) TO anamnesis_api;
