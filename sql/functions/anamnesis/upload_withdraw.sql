-- The acting patient takes a file back: 'withdrawn', also when it was; 'shown' when a completed response shows it; the state of one that is
-- gone already. NULL when there is no such file.
CREATE OR REPLACE FUNCTION anamnesis.upload_withdraw(p_upload uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    file anamnesis.upload;
BEGIN
    SELECT o.* INTO file FROM anamnesis.upload_own(p_upload) o;
    IF file.state IN ('awaiting-upload', 'scanning', 'clean', 'infected', 'rejected') THEN
        IF EXISTS (SELECT FROM anamnesis.upload_shown s WHERE s.upload_id = p_upload) THEN
            RETURN 'shown';
        END IF;
        UPDATE anamnesis.upload u SET state = 'withdrawn' WHERE u.id = p_upload RETURNING u.state INTO file.state;
    END IF;
    RETURN file.state;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_withdraw(uuid) TO anamnesis_api;
