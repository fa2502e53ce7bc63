-- Allows the acting session one download of an object, within a minute; until when. The token's hash is the caller's. NULL when the actor
-- may not have it, or it is not there.
CREATE OR REPLACE FUNCTION anamnesis.upload_grant_make(p_hash bytea, p_upload uuid, p_kind text) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    until timestamptz;
BEGIN
    -- The file stays in its state until the transaction ends: who moves it on then finds the row.
    PERFORM FROM anamnesis.upload u WHERE u.id = p_upload AND u.practice_id = auth.practice() AND auth.session() IS NOT NULL FOR SHARE;
    IF FOUND AND anamnesis.upload_is_clean(p_upload, p_kind) THEN
        INSERT INTO anamnesis.upload_grant AS g (hash, practice_id, patient_id, upload_id, kind, session_id, expires_at)
        SELECT p_hash, o.practice_id, audit.about(o.patient_id), o.upload_id, o.kind, auth.session(), now() + interval '60 seconds'
        FROM anamnesis.upload_object o WHERE o.upload_id = p_upload AND o.kind = p_kind
        RETURNING g.expires_at INTO until;
    END IF;
    RETURN until;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_grant_make(bytea,uuid,text) TO anamnesis_api;
