-- functions_without_file :many (names text) -> (statement text)
SELECT format('DROP FUNCTION %s', p.oid::regprocedure) AS statement
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit') AND n.nspname || '.' || p.proname <> ALL ($1::text[]);
