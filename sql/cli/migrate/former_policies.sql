-- former_policies :many (name text) -> (statement text)
SELECT format('DROP POLICY %I ON %s', p.polname, p.polrelid::regclass) AS statement
FROM pg_catalog.pg_policy p
WHERE p.polrelid = to_regclass($1)
UNION ALL
SELECT format('REVOKE ALL ON %s FROM anamnesis_api, anamnesis_jobs, anamnesis_scan, anamnesis_auditor', $1::regclass);
