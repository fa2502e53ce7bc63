-- schemas_there :one () -> (count bigint)
SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname IN ('anamnesis', 'auth', 'audit', 'phi', 'ext');
