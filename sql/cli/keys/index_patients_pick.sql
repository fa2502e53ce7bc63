-- index_patients_pick :many (after uuid, version bigint, batch bigint) -> (id text, first bytea, second bytea?)
SELECT p.id::text AS id, d.wrapped_key AS first, NULL::bytea AS second
FROM anamnesis.patient p
JOIN anamnesis.data_key d ON d.patient_id = p.id
WHERE p.id > $1 AND (auth.key_version(p.email_index) <> $2 OR auth.key_version(p.record_number_index) <> $2)
ORDER BY p.id
LIMIT $3
FOR UPDATE OF p SKIP LOCKED;
