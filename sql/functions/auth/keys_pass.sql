-- For jobs, after keys_rewrite: has the server go on in another file of the write-ahead log, when rewritten keys are in those
-- before; gives of how many.
CREATE OR REPLACE FUNCTION auth.keys_pass() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    waiting bigint := (SELECT count(*) FROM auth.erasure e WHERE e.rewritten_at IS NOT NULL);
    since timestamptz;
BEGIN
    IF waiting > 0 THEN
        since := ext.next_wal_file();
        UPDATE auth.erasure e SET passed_at = since WHERE e.rewritten_at IS NOT NULL AND e.passed_at IS NULL;
    END IF;
    RETURN waiting;
END
$$;
GRANT EXECUTE ON FUNCTION auth.keys_pass() TO anamnesis_jobs;
