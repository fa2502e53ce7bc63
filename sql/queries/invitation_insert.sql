-- invitation_insert :one (id uuid, patient_id uuid, token_hash bytea, delivery text, expires_at timestamptz, recovers bool) -> (created_at timestamptz)
INSERT INTO anamnesis.invitation (id, practice_id, patient_id, token_hash, delivery, expires_at, created_by, recovers)
VALUES ($1, auth.practice(), $2, $3, $4, $5, auth.actor(), $6)
RETURNING created_at
