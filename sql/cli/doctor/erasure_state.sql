-- erasure_state :one () -> (answer text?)
SELECT CASE WHEN to_regprocedure('ext.oldest_wal_file()') IS NULL THEN 'sql/bootstrap.sql was not run again'
            WHEN bool_or(e.rewritten_at IS NULL) THEN 'the table of keys was not rewritten'
            WHEN count(*) > 0 THEN 'the write-ahead log of before is kept' END AS answer
FROM auth.erasure e;
