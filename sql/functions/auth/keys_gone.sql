-- For jobs, after keys_pass: after a checkpoint, the keys of which nothing is left, neither in the table nor in the write-ahead
-- log. Each is a row of the audit log; gives how many there were.
--
-- Of the log's files those are left that were last written to since the rewrite was passed. The present one may be a
-- recycled one, with something old behind what was written so far: it is full after keys_pass was called once more. Where the
-- provider shows no files, the row speaks of the table alone.
CREATE OR REPLACE FUNCTION auth.keys_gone() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    oldest timestamptz := ext.oldest_wal_file();
    made bigint;
BEGIN
    WITH gone AS (
        DELETE FROM auth.erasure e WHERE e.touched_at IS NOT NULL OR (oldest IS NULL AND e.passed_at IS NOT NULL)
        RETURNING e.patient_id, e.practice_id)
    INSERT INTO audit.event (practice_id, realm, client_address, request_id, operation, object_id, patient_id, outcome, detail)
    SELECT g.practice_id, 'system', 'local', gen_random_uuid(), 'key_gone', g.patient_id, g.patient_id, 'ok',
           CASE WHEN oldest IS NULL THEN 'table' ELSE 'table and log' END
    FROM gone g;
    GET DIAGNOSTICS made = ROW_COUNT;
    UPDATE auth.erasure e SET touched_at = clock_timestamp() WHERE e.touched_at IS NULL AND e.passed_at < oldest;
    RETURN made;
END
$$;
GRANT EXECUTE ON FUNCTION auth.keys_gone() TO anamnesis_jobs;
