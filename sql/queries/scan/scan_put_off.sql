-- scan_put_off :one (id uuid, attempt int, seconds int) -> (stands bool)
-- A fault of ours: it is looked at again after so long, and has lost no try.
SELECT anamnesis.upload_put_off($1, $2, $3)
