-- An owner removes a file that must not be there, with fresh proof and a reason, which is sealed with the patient's key: 'removed', also
-- when it was; 'erased' when the patient is. NULL when the owner sees no such file.
CREATE OR REPLACE FUNCTION anamnesis.upload_remove(p_upload uuid, p_key bytea, p_reason text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    file anamnesis.upload;
BEGIN
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() IS DISTINCT FROM 'owner' OR NOT auth.is_fresh() THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'removing a file needs an owner with fresh proof';
    END IF;
    SELECT u.* INTO file FROM anamnesis.upload u
    WHERE u.id = p_upload AND u.practice_id = auth.practice() AND auth.sees(u.patient_id) FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM audit.about(file.patient_id);
        IF file.state NOT IN ('removed', 'erased') THEN
            UPDATE anamnesis.upload u
            SET state = 'removed', removed_by = auth.actor(), removed_at = now(),
                removal_reason = phi.seal(p_key, 'upload.removal_reason:' || u.id::text, p_reason)
            WHERE u.id = p_upload RETURNING u.state INTO file.state;
        END IF;
    END IF;
    RETURN file.state;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_remove(uuid,bytea,text) TO anamnesis_api;
