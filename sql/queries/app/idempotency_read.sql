-- idempotency_read :one (key_hash bytea) -> (body_sha256 bytea, status int?, reply bytea?, visible bool, link_good bool)
-- The reply that the first request with this key stored; whether the actor still sees every patient that it is about, whom this
-- transaction's audit row names; and whether the link that it shows, if it does, can still be used.
SELECT i.body_sha256, i.status, i.reply_sealed,
       (SELECT count(audit.about(p.id)) FROM anamnesis.patient p WHERE p.id = ANY (i.patient_ids)) = cardinality(i.patient_ids),
       i.link_hash IS NULL OR EXISTS (SELECT FROM anamnesis.invitation v
                                      WHERE v.token_hash = i.link_hash AND v.status = 'pending' AND v.expires_at > now())
FROM anamnesis.idempotency i
WHERE i.practice_id = (SELECT auth.practice()) AND i.actor_id = (SELECT auth.actor()) AND i.key_hash = $1
