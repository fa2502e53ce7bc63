-- Owners change the roles of their staff, disable and take up again, and set the practice's policies.

ALTER TABLE anamnesis.practice ADD COLUMN revision integer NOT NULL DEFAULT 1;

-- What only an owner with fresh proof may do. One at a time in a practice: the lock makes two owners who change each other
-- come one after the other, and the second one is asked again whether they still are one.
CREATE FUNCTION auth.as_owner() RETURNS void
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

-- Changes role and state (NULL: as it is); the new revision, or NULL when the revision is stale. The role counts at once
-- (auth.prove reads it with every request); whoever is disabled is signed out at once. AN432: nobody would be left to
-- change anything.
CREATE FUNCTION auth.staff_change(p_staff uuid, p_revision integer, p_role text, p_status text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made integer;
BEGIN
    PERFORM auth.as_owner();
    UPDATE anamnesis.staff s
    SET role = coalesce(p_role, s.role), status = coalesce(p_status, s.status), revision = s.revision + 1
    WHERE s.practice_id = auth.practice() AND s.id = p_staff AND s.revision = p_revision
    RETURNING s.revision INTO made;
    IF NOT EXISTS (SELECT FROM anamnesis.staff s
                   WHERE s.practice_id = auth.practice() AND s.role = 'owner' AND s.status = 'active') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN432', MESSAGE = 'the practice would have no active owner';
    END IF;
    IF made IS NOT NULL AND p_status = 'disabled' THEN
        PERFORM auth.end_all(p_staff, NULL);
    END IF;
    RETURN made;
END
$$;

-- Changes the practice's policies (NULL: as it is); the new revision, or NULL when the revision is stale. Limits count for
-- sessions that begin from now on.
CREATE FUNCTION auth.practice_change(p_revision integer, p_patient_mfa text, p_staff_idle integer, p_patient_idle integer,
                                     p_hours integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made integer;
BEGIN
    PERFORM auth.as_owner();
    UPDATE anamnesis.practice c
    SET patient_mfa = coalesce(p_patient_mfa, c.patient_mfa),
        staff_idle_minutes = coalesce(p_staff_idle, c.staff_idle_minutes),
        patient_idle_minutes = coalesce(p_patient_idle, c.patient_idle_minutes),
        session_hours = coalesce(p_hours, c.session_hours), revision = c.revision + 1
    WHERE c.id = auth.practice() AND c.revision = p_revision
    RETURNING c.revision INTO made;
    RETURN made;
END
$$;
GRANT EXECUTE ON FUNCTION auth.staff_change(uuid, integer, text, text),
    auth.practice_change(integer, text, integer, integer, integer) TO anamnesis_api;
