-- The acting patient says that all parts are there, which the caller has looked at: the file waits for the scanner. The state now: once it
-- is under way, saying so again changes nothing. NULL when there is no such file.
CREATE OR REPLACE FUNCTION anamnesis.upload_complete(p_upload uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    file anamnesis.upload;
BEGIN
    SELECT o.* INTO file FROM anamnesis.upload_own(p_upload) o;
    IF file.state = 'awaiting-upload' THEN
        UPDATE anamnesis.upload u SET state = 'scanning', completed_at = now() WHERE u.id = p_upload RETURNING u.state INTO file.state;
    END IF;
    RETURN file.state;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_complete(uuid) TO anamnesis_api;
