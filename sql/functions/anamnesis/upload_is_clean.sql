-- Whether the actor may have this object of a file: it is clean, the actor sees the patient (held answers hold their files), and is the
-- patient, or staff who does more than look on. The original is for physicians and owners.
CREATE OR REPLACE FUNCTION anamnesis.upload_is_clean(p_upload uuid, p_kind text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM anamnesis.upload u
        WHERE u.id = p_upload AND u.state = 'clean'
          AND CASE WHEN auth.writes() IS NOT NULL
                   THEN auth.sees(u.patient_id) AND (p_kind <> 'original' OR auth.role() IN ('owner', 'physician'))
                   ELSE u.patient_id = auth.answering() OR auth.held_answer(u.patient_id, u.created_at) END);
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_is_clean(uuid,text) TO anamnesis_api;
