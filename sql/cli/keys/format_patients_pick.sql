-- format_patients_pick :many (after uuid, version bigint, batch bigint) -> (id text, first bytea, second bytea?)
-- The patient's row is held before the key's, as an erasure does.
SELECT d.patient_id::text AS id, d.wrapped_key AS first, NULL::bytea AS second
FROM anamnesis.patient p
JOIN anamnesis.data_key d ON d.patient_id = p.id
WHERE d.patient_id > $1 AND d.sealed_format = 1 AND $2 IS NOT NULL
ORDER BY d.patient_id
LIMIT $3
FOR NO KEY UPDATE OF p, d SKIP LOCKED;
