-- key_samples :many () -> (id text, key bytea)
-- One data key of each KEK version that is in use: what must open before the keyring is believed.
SELECT DISTINCT ON (auth.key_version(key)) id::text, key
FROM (SELECT id, wrapped_key FROM anamnesis.staff
      UNION ALL SELECT patient_id, wrapped_key FROM anamnesis.data_key) AS wrapped (id, key);
