-- idempotency_claim :exec (key_hash bytea, operation text, body_sha256 bytea)
-- One row affected: the key is ours. A row older than a day does not count any more.
INSERT INTO anamnesis.idempotency AS i (practice_id, actor_id, key_hash, operation, body_sha256)
VALUES ((SELECT auth.practice()), (SELECT auth.actor()), $1, $2, $3)
ON CONFLICT (practice_id, actor_id, key_hash) DO UPDATE
SET operation = excluded.operation, body_sha256 = excluded.body_sha256, status = NULL, reply_sealed = NULL,
    patient_ids = '{}', link_hash = NULL, created_at = excluded.created_at
WHERE i.created_at < now() - interval '24 hours'
