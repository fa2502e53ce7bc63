-- format_patients_pick :many (after uuid, version bigint, batch bigint) -> (id text, first bytea, second bytea?)
SELECT patient_id::text AS id, wrapped_key AS first, NULL::bytea AS second
FROM anamnesis.data_key
WHERE patient_id > $1 AND sealed_format = 1 AND $2 IS NOT NULL
ORDER BY data_key.patient_id
LIMIT $3
FOR NO KEY UPDATE SKIP LOCKED;
