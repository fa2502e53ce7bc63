-- format_patients_left :one (version bigint) -> (count bigint)
-- Patients with values of the first format, whatever version of the KEK wraps their keys.
SELECT count(*) FROM anamnesis.data_key WHERE sealed_format = 1 AND $1 IS NOT NULL;
