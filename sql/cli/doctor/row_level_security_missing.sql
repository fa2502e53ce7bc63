-- row_level_security_missing :one () -> (answer text?)
SELECT string_agg(n.nspname || '.' || c.relname, ', ') AS answer
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('anamnesis', 'auth', 'audit') AND c.relkind IN ('r', 'p')
  AND NOT (c.relrowsecurity AND c.relforcerowsecurity) AND c.relname NOT IN ('migration', 'sql_state', 'sql_text');
