-- index_patients_left :one (version bigint) -> (count bigint)
SELECT count(*) FROM anamnesis.patient
WHERE auth.key_version(email_index) <> $1 OR auth.key_version(record_number_index) <> $1;
