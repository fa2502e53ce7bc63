-- idempotency_store :exec (key_hash bytea, status int, reply bytea, link_hash bytea?)
-- The finished reply, sealed by the process, in the transaction that did the work; it goes when the patient is erased.
UPDATE anamnesis.idempotency
SET status = $2, reply_sealed = $3, patient_ids = audit.named(), link_hash = $4
WHERE practice_id = (SELECT auth.practice()) AND actor_id = (SELECT auth.actor()) AND key_hash = $1
