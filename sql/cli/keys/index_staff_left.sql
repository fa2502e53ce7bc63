-- index_staff_left :one (version bigint) -> (count bigint)
SELECT count(*) FROM anamnesis.staff WHERE auth.key_version(email_index) <> $1;
