-- job_outbox_claim :one (lease_seconds int) -> (id uuid, kind text, sealed bytea, attempts int, created_at timestamptz, languages text?, time_zone text?)
-- The message that has been due for longest, for this process alone until the lease ends; `attempts` is the proof of it.
-- The next try is put off already: should the outcome never be noted, the message does not go out again at every lease.
WITH due AS (
    SELECT o.id
      FROM anamnesis.outbox AS o
     WHERE o.sent_at IS NULL
       AND o.failed_at IS NULL
       AND o.next_at <= now()
       AND (o.claimed_until IS NULL OR o.claimed_until < now())
     ORDER BY o.next_at
     LIMIT 1
       FOR UPDATE SKIP LOCKED
)
UPDATE anamnesis.outbox AS o
   SET attempts = o.attempts + 1,
       claimed_until = now() + $1 * interval '1 second',
       next_at = now() + least(greatest($1, 30 * 2 ^ least(o.attempts, 10)), 21600) * interval '1 second'
  FROM due
 WHERE o.id = due.id
RETURNING o.id, o.kind, o.sealed, o.attempts, o.created_at, o.languages, o.time_zone
