-- invitation_insert :one!internal (id uuid, patient_id uuid, token_hash bytea, delivery text, expires_at timestamptz, recovers bool, hours int, answer_hash bytea?) -> (created_at timestamptz)
INSERT INTO anamnesis.invitation (id, practice_id, patient_id, token_hash, delivery, expires_at, created_by, recovers,
                                  hours, answer_hash)
VALUES ($1, (SELECT auth.practice()), $2, $3, $4, $5, (SELECT auth.actor()), $6, $7, $8)
RETURNING created_at
