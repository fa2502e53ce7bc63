-- uses_index :many () -> (what text, version bigint, count bigint)
-- Former addresses are not moved: they keep an address of staff for its former holder, for seven days.
SELECT 'patients' AS what, auth.key_version(email_index) AS version, count(*) FROM anamnesis.patient
WHERE email_index IS NOT NULL GROUP BY 2
UNION ALL SELECT 'record numbers', auth.key_version(record_number_index), count(*) FROM anamnesis.patient
WHERE record_number_index IS NOT NULL GROUP BY 2
UNION ALL SELECT 'staff', auth.key_version(email_index), count(*) FROM anamnesis.staff
WHERE email_index IS NOT NULL GROUP BY 2
UNION ALL SELECT 'former addresses', auth.key_version(old_index), count(*) FROM auth.address_change
WHERE realm = 'staff' AND ended_at IS NULL AND object_until > now() GROUP BY 2
UNION ALL SELECT 'passkeys', auth.key_version(credential_index), count(*) FROM auth.passkey GROUP BY 2
ORDER BY 1, 2;
