-- my_response_save :one! (id uuid, key bytea, answers text, answered int, total int, required_missing int) -> (revision int)
-- The row is locked by my_response_lock in the same transaction: the revision needs no second check.
UPDATE anamnesis.response
SET answers = phi.seal($2, 'response.answers:' || id::text, $3), revision = revision + 1, updated_at = greatest(now(), started_at),
    answered = $4, total = $5, required_missing = $6
WHERE id = $1
RETURNING revision
