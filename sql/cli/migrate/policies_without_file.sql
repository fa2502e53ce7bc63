-- policies_without_file :many (paths text) -> (statement text)
-- Policies and grants of tables and views that stay, though they have no text any more.
WITH former AS (
    SELECT to_regclass(substring(path FROM '^policies/(.*)[.]sql$')) AS relation
    FROM anamnesis.sql_text
    WHERE path LIKE 'policies/%' AND path <> ALL ($1::text[]))
SELECT format('DROP POLICY %I ON %s', p.polname, f.relation) AS statement
FROM former f
JOIN pg_catalog.pg_policy p ON p.polrelid = f.relation
UNION ALL
SELECT format('REVOKE ALL ON %s FROM anamnesis_api, anamnesis_jobs, anamnesis_scan, anamnesis_auditor', relation)
FROM former
WHERE relation IS NOT NULL;
