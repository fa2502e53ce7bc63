-- idempotency_read :one (key_hash bytea) -> (body_sha256 bytea, status int?, reply bytea?)
-- The reply that the first request with this key stored.
SELECT body_sha256, status, reply_sealed
FROM anamnesis.idempotency
WHERE practice_id = auth.practice() AND actor_id = auth.actor() AND key_hash = $1
