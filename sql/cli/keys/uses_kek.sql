-- uses_kek :many () -> (what text, version bigint, count bigint)
SELECT 'patients' AS what, auth.key_version(wrapped_key) AS version, count(*) FROM anamnesis.data_key GROUP BY 2
UNION ALL SELECT 'staff', auth.key_version(wrapped_key), count(*) FROM anamnesis.staff
WHERE wrapped_key IS NOT NULL GROUP BY 2
ORDER BY 1, 2;
