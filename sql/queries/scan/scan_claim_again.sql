-- scan_claim_again :one (lease_seconds int, scanned_with text, signatures_at timestamptz) -> (id uuid, patient_id uuid, type text, size bigint, declared bytea, salt bytea, files_key bytea, attempts int, name text)
-- The newest file that was looked at with other signatures, and its original's name; none when there is none.
SELECT c.id, c.patient_id, c.type, c.size, c.declared, c.salt, c.files_key, c.attempts, c.name
FROM anamnesis.upload_claim_again($1, $2, $3) c
