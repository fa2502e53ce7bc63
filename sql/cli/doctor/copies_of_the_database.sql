-- copies_of_the_database :one () -> (answer text?)
SELECT concat(CASE WHEN current_setting('archive_mode') <> 'off' THEN '; the log is archived' END,
              CASE WHEN n > 0 THEN '; standbys: ' || n END) AS answer
FROM (SELECT count(*) AS n FROM pg_catalog.pg_stat_replication) AS r;
