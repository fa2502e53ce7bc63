-- scan_note_again :one (id uuid, attempt int, state text, signature text?, scanned_with text, signatures_at timestamptz) -> (stands bool)
-- What was found in it with these signatures. Not when the file moved on meanwhile, or is in other hands.
SELECT anamnesis.upload_note_again($1, $2, $3, $4, $5, $6)
