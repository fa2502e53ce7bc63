-- files_patients_pick :many (after uuid, version bigint, batch bigint) -> (id text, first bytea, second bytea?)
-- What it is made of is taken, not the old copy: so one that was damaged is put right.
SELECT patient_id::text AS id, wrapped_key AS first, NULL::bytea AS second
FROM anamnesis.data_key
WHERE patient_id > $1 AND auth.key_version(files_key) <> $2
ORDER BY data_key.patient_id
LIMIT $3
FOR NO KEY UPDATE SKIP LOCKED;
