-- server_version :one () -> (answer text?)
SELECT current_setting('server_version') AS answer;
