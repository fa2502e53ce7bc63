-- idempotency_store :exec (key_hash bytea, status int, reply bytea)
-- The finished reply, sealed by the process, in the transaction that did the work.
UPDATE anamnesis.idempotency
SET status = $2, reply_sealed = $3
WHERE practice_id = auth.practice() AND actor_id = auth.actor() AND key_hash = $1
