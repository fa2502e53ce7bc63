-- job_objects_removed :exec (names text[], claimed_at timestamptz)
-- They were removed after this moment. Where a part could still be laid down then, it is done once more when it cannot.
WITH gone AS (
    DELETE FROM anamnesis.object_leaving AS l
     WHERE l.name = ANY ($1) AND (l.until IS NULL OR l.until <= $2)
)
UPDATE anamnesis.object_leaving AS l
   SET next_at = l.until, attempts = 0
 WHERE l.name = ANY ($1) AND l.until > $2
