-- row_level_security_count :one () -> (answer text?)
SELECT count(*)::text AS answer
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('anamnesis', 'auth', 'audit') AND c.relkind IN ('r', 'p') AND c.relforcerowsecurity;
