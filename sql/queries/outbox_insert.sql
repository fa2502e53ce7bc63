-- outbox_insert :exec (id uuid, kind text, sealed bytea)
-- A message to send, sealed by the process, in the transaction that caused it.
INSERT INTO anamnesis.outbox (id, practice_id, kind, sealed) VALUES ($1, auth.practice(), $2, $3)
