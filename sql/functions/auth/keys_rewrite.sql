-- For jobs: writes the table of data keys anew without the keys of erased patients, and gives of how many. CLUSTER makes a
-- new file and removes the old one at COMMIT; it keeps what an older transaction may still see, so erasures that one is older
-- than wait for it. It can be seen by transactions of any age (pg_dump's, for one), which what TRUNCATE empties cannot.
--
-- Who reads a key waits meanwhile; so nobody is waited for longer than a moment, and then it is tried again.
CREATE OR REPLACE FUNCTION auth.keys_rewrite() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made bigint := 0;
BEGIN
    IF EXISTS (SELECT FROM auth.erasure e WHERE e.rewritten_at IS NULL) THEN
        PERFORM set_config('lock_timeout', '200ms', true);
        LOCK TABLE anamnesis.data_key IN ACCESS EXCLUSIVE MODE;
        UPDATE auth.erasure e SET rewritten_at = clock_timestamp()
        WHERE e.rewritten_at IS NULL AND age(e.position::xid) > ext.oldest_reader_age();
        GET DIAGNOSTICS made = ROW_COUNT;
        IF made > 0 THEN
            CLUSTER anamnesis.data_key USING data_key_pkey;
        END IF;
    END IF;
    RETURN made;
END
$$;
GRANT EXECUTE ON FUNCTION auth.keys_rewrite() TO anamnesis_jobs;
