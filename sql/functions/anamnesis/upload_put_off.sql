-- For the scanner: a file that it could not look at by a fault of ours is looked at again after so many seconds, and has lost no try. False
-- when it is in other hands, or moved on.
CREATE OR REPLACE FUNCTION anamnesis.upload_put_off(p_upload uuid, p_attempt integer, p_seconds integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT anamnesis.upload_retry(p_upload, p_attempt, p_seconds) THEN
        RETURN false;
    END IF;
    UPDATE anamnesis.upload u SET faults = u.faults + 1 WHERE u.id = p_upload;
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_put_off(uuid,integer,integer) TO anamnesis_scan;
