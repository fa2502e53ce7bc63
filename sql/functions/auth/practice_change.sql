-- Changes the practice's policies (NULL: as it is); the new revision, or NULL when the revision is stale. Limits count for
-- sessions that begin from now on.
CREATE OR REPLACE FUNCTION auth.practice_change(p_revision integer, p_patient_mfa text, p_staff_idle integer, p_patient_idle integer,
                                     p_hours integer, p_patient_access text, p_language text,
                                     p_time_zone text, p_email_by text, p_upload_bytes_patient bigint,
                                     p_upload_bytes_practice bigint, p_upload_days_signatures integer) RETURNS integer
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
        session_hours = coalesce(p_hours, c.session_hours),
        patient_access = coalesce(p_patient_access, c.patient_access),
        language = coalesce(p_language, c.language), time_zone = coalesce(p_time_zone, c.time_zone),
        patient_email_by = coalesce(p_email_by, c.patient_email_by),
        upload_bytes_patient = coalesce(p_upload_bytes_patient, c.upload_bytes_patient),
        upload_bytes_practice = coalesce(p_upload_bytes_practice, c.upload_bytes_practice),
        upload_days_signatures = coalesce(p_upload_days_signatures, c.upload_days_signatures), revision = c.revision + 1
    WHERE c.id = auth.practice() AND c.revision = p_revision
    RETURNING c.revision INTO made;
    RETURN made;
END
$$;
GRANT EXECUTE ON FUNCTION auth.practice_change(integer,text,integer,integer,integer,text,text,text,text,bigint,bigint,integer) TO anamnesis_api;
