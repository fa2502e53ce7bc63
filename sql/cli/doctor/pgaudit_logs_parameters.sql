-- pgaudit_logs_parameters :one () -> (answer text?)
SELECT 'pgaudit.log_parameter = ' || setting AS answer
FROM current_setting('pgaudit.log_parameter', true) AS setting
WHERE setting ~* '^(on|true|yes|1)$';
