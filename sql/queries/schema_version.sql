-- schema_version :one () -> (version int)
-- The newest migration that the database has.
SELECT coalesce(max(version), 0)::int FROM anamnesis.migration
