-- wal_recycle :one () -> (answer text?)
SELECT current_setting('wal_recycle') AS answer;
