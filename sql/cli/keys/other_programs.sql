-- other_programs :one (prefix text, workers text, jobs text, scan text) -> (count bigint)
-- Connections of programs whose keyring is another one than ours.
SELECT count(*)
FROM pg_catalog.pg_stat_activity
WHERE datname = current_database() AND starts_with(application_name, $1) AND application_name NOT IN ($2, $3, $4);
