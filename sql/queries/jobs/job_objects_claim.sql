-- job_objects_claim :many (most int) -> (name text, claimed_at timestamptz, attempts int)
-- What is to be removed from the store and due, erased patients' first. The next try is put off already: a process that ends before it
-- notes what it did leaves them for another.
WITH due AS (
    SELECT l.name
      FROM anamnesis.object_leaving AS l
     WHERE l.next_at <= now()
     ORDER BY l.urgent DESC, l.next_at
     LIMIT $1
       FOR UPDATE SKIP LOCKED
)
UPDATE anamnesis.object_leaving AS l
   SET attempts = l.attempts + 1,
       next_at = now() + least(30 * 2 ^ least(l.attempts, 10), 3600) * interval '1 second'
  FROM due
 WHERE l.name = due.name
RETURNING l.name, now() AS claimed_at, l.attempts
