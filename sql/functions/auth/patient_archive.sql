-- Archives, or takes up again; the new revision, or NULL when the patient is in another state or revision. Whoever is
-- archived is signed out at once.
--
-- Only for those who see the patient.
CREATE OR REPLACE FUNCTION auth.patient_archive(p_patient uuid, p_revision integer, p_archived boolean) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made integer;
BEGIN
    IF auth.staff_writes() IS NOT TRUE OR NOT auth.sees(p_patient) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'the role may not do this';
    END IF;
    UPDATE anamnesis.patient p
    SET status = CASE WHEN p_archived THEN 'archived' ELSE 'active' END, revision = p.revision + 1, updated_at = now()
    WHERE p.practice_id = auth.practice() AND p.id = p_patient AND p.revision = p_revision
      AND p.status = CASE WHEN p_archived THEN 'active' ELSE 'archived' END
    RETURNING p.revision INTO made;
    IF made IS NOT NULL AND p_archived THEN
        PERFORM auth.end_all(p_patient, NULL);
        UPDATE anamnesis.invitation i SET status = 'revoked'
        WHERE i.practice_id = auth.practice() AND i.patient_id = p_patient AND i.status = 'pending';
    END IF;
    RETURN made;
END
$$;
GRANT EXECUTE ON FUNCTION auth.patient_archive(uuid,integer,boolean) TO anamnesis_api;
