-- The acting patient's file, locked, when they may see it (held answers hold their files); named for the audit row. Nothing when there is
-- none. Only for functions.
CREATE OR REPLACE FUNCTION anamnesis.upload_own(p_upload uuid) RETURNS SETOF anamnesis.upload
LANGUAGE plpgsql VOLATILE ROWS 1 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT u.* FROM anamnesis.upload u
    WHERE u.id = p_upload AND u.practice_id = auth.practice() AND u.patient_id = auth.patient()
      AND (u.patient_id = auth.answering() OR auth.held_answer(u.patient_id, u.created_at))
    FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM audit.about(auth.patient());
    END IF;
END
$$;
