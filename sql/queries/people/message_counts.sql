-- message_counts :many (since timestamptz) -> (state text, reason text?, count bigint)
-- What became of the practice's messages since then.
SELECT o.state, o.last_error, count(*)
FROM anamnesis.outbox o
WHERE o.practice_id = (SELECT auth.practice()) AND o.created_at >= $1
GROUP BY 1, 2
ORDER BY 1, 3 DESC, 2
