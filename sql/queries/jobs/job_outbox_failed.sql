-- job_outbox_failed :exec (id uuid, attempts int, error text)
-- Given up: the content is not needed any more. The error is a code.
UPDATE anamnesis.outbox
   SET failed_at = now(), sealed = NULL, claimed_until = NULL, last_error = $3
 WHERE id = $1 AND attempts = $2 AND sent_at IS NULL
