-- job_outbox_sent :exec (id uuid, attempts int)
-- Delivered: the content is not needed any more. Only by the claim that delivered it.
UPDATE anamnesis.outbox
   SET sent_at = now(), sealed = NULL, claimed_until = NULL, last_error = NULL
 WHERE id = $1 AND attempts = $2 AND sent_at IS NULL
