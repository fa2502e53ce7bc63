-- scan_claim :one (lease_seconds int, signatures_at timestamptz) -> (id uuid, patient_id uuid, type text, size bigint, parts int, declared bytea, salt bytea, files_key bytea, attempts int)
-- The file that waits for longest, for one program until its lease ends; none when nothing is due.
SELECT c.id, c.patient_id, c.type, c.size, c.parts, c.declared, c.salt, c.files_key, c.attempts
FROM anamnesis.upload_claim($1, $2) c
