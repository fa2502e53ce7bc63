-- former_grants :many (name text) -> (statement text)
-- What was granted before is not what the text grants.
SELECT format('REVOKE ALL ON FUNCTION %s FROM anamnesis_api, anamnesis_jobs, anamnesis_scan, anamnesis_auditor', p.oid::regprocedure) AS statement
FROM pg_catalog.pg_proc p
WHERE p.pronamespace = split_part($1, '.', 1)::regnamespace AND p.proname = split_part($1, '.', 2);
