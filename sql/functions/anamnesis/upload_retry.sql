-- For the scanner: a file that it could not look at now is tried again after so many seconds. False when it is in other hands, or moved on.
CREATE OR REPLACE FUNCTION anamnesis.upload_retry(p_upload uuid, p_attempt integer, p_seconds integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE anamnesis.upload u
    SET claimed_until = now() - interval '1 second', next_at = now() + least(greatest(p_seconds, 0), 3600) * interval '1 second'
    WHERE u.id = p_upload AND u.state IN ('scanning', 'clean', 'infected') AND u.attempts = p_attempt AND u.claimed_until IS NOT NULL;
    RETURN FOUND;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_retry(uuid,integer,integer) TO anamnesis_scan;
