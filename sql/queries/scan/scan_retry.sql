-- scan_retry :one (id uuid, attempt int, seconds int) -> (stands bool)
-- Nothing was found out: it is looked at again after so long.
SELECT anamnesis.upload_retry($1, $2, $3)
