-- scan_note :one (signatures text, signatures_at timestamptz) -> (noted bool)
-- Which signatures are at work, and of when.
SELECT anamnesis.scanner_note($1, $2) IS NULL
