-- aurora :one () -> (answer text?)
SELECT oid::text AS answer FROM pg_catalog.pg_proc WHERE proname = 'aurora_version';
