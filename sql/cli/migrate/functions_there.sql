-- functions_there :many () -> (name text)
SELECT DISTINCT n.nspname || '.' || p.proname AS name
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit');
