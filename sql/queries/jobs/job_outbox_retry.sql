-- job_outbox_retry :exec (id uuid, attempts int, delay_seconds int, error text)
-- Not delivered; to be tried again after the delay. The error is a code.
UPDATE anamnesis.outbox
   SET next_at = now() + $3 * interval '1 second', claimed_until = NULL, last_error = $4
 WHERE id = $1 AND attempts = $2 AND sent_at IS NULL
