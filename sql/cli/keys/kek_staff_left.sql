-- kek_staff_left :one (version bigint) -> (count bigint)
SELECT count(*) FROM anamnesis.staff WHERE auth.key_version(wrapped_key) <> $1;
