-- backend_pid :one () -> (answer text?)
-- No row when the server is on another host.
SELECT pg_backend_pid()::text AS answer WHERE inet_server_addr() IS NULL;
