-- Uses up a download that was allowed to the acting session: the object's kind. NULL when there is none of this session, it was used or is
-- over, or the actor may not have the object any more.
CREATE OR REPLACE FUNCTION anamnesis.upload_grant_use(p_hash bytea, p_upload uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    allowed anamnesis.upload_grant;
BEGIN
    UPDATE anamnesis.upload_grant g SET used_at = now()
    WHERE g.hash = p_hash AND g.upload_id = p_upload AND g.practice_id = auth.practice() AND g.session_id = auth.session()
      AND g.used_at IS NULL AND g.expires_at > now()
    RETURNING g.* INTO allowed;
    IF FOUND AND anamnesis.upload_is_clean(p_upload, allowed.kind) THEN
        PERFORM audit.about(allowed.patient_id);
        RETURN allowed.kind;
    END IF;
    RETURN NULL;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_grant_use(bytea,uuid) TO anamnesis_api;
