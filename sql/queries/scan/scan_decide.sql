-- scan_decide :one (id uuid, attempt int, state text, reason text?, signature text?, scanned_with text, width int?, height int?, seconds int?, objects text?) -> (stands bool)
-- What was found, with the objects that were made. Not when the file moved on meanwhile: withdrawn, erased, or claimed anew.
SELECT anamnesis.upload_decide($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
