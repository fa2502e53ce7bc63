-- settings_that_log_parameters :one () -> (answer text?)
SELECT string_agg(name || ' = ' || setting, ', ' ORDER BY name) AS answer
FROM pg_catalog.pg_settings
WHERE (name IN ('log_parameter_max_length', 'log_parameter_max_length_on_error') AND setting <> '0')
   OR (name IN ('debug_print_parse', 'debug_print_rewritten', 'debug_print_plan') AND setting <> 'off')
   OR (name LIKE '%preload_libraries' AND setting LIKE '%auto_explain%');
