-- uses_files :many () -> (what text, version bigint, count bigint)
-- URLs and tickets are in no table; they end within minutes.
SELECT 'patients'' files keys' AS what, auth.key_version(files_key) AS version, count(*) FROM anamnesis.data_key
WHERE files_key IS NOT NULL GROUP BY 2
ORDER BY 2;
