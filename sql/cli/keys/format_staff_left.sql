-- format_staff_left :one (version bigint) -> (count bigint)
-- Staff with values of the first format, whatever version of the KEK wraps their keys.
SELECT count(*) FROM anamnesis.staff WHERE sealed_format = 1 AND $1 IS NOT NULL;
