-- files_patients_left :one (version bigint) -> (count bigint)
SELECT count(*) FROM anamnesis.data_key WHERE auth.key_version(files_key) <> $1;
