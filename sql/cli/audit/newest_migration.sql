-- newest_migration :one () -> (version int?)
SELECT max(version) AS version FROM anamnesis.migration;
