-- schema_version :one (texts text) -> (version int, known bool)
-- The newest migration that the database has, and whether it ever had these functions and policies.
SELECT (SELECT coalesce(max(version), 0)::int FROM anamnesis.migration),
       EXISTS (SELECT FROM anamnesis.sql_state s WHERE s.sha256 = $1)
