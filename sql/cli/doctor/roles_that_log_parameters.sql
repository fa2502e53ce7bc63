-- roles_that_log_parameters :one () -> (answer text?)
SELECT string_agg(DISTINCT item, ', ') AS answer
FROM pg_catalog.pg_db_role_setting s, unnest(s.setconfig) AS item
WHERE (item ~ '^log_parameter_max_length(_on_error)?=' AND item !~ '=0$') OR item ~ '^auto_explain[.]'
   OR item ~* '^pgaudit[.]log_parameter=(on|true|yes|1)$' OR item ~ '^debug_print_.*=(on|true|1)'
   OR (item LIKE '%preload_libraries%' AND item LIKE '%auto_explain%');
