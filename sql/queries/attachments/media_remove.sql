-- media_remove :one! (id uuid, key bytea?, reason text) -> (status upload_status)
-- The key is null when the patient was erased, and the file with them: then nothing is written.
SELECT c.status FROM (SELECT anamnesis.upload_remove($1, $2, $3) AS status) c WHERE c.status IS NOT NULL
