-- value_set :one (practice_id uuid, canonical text) -> (id uuid, resource text)
-- Without a version, the one stored last is meant.
SELECT id, resource
FROM anamnesis.value_set
WHERE practice_id = $1 AND url = split_part($2, '|', 1)
  AND (strpos($2, '|') = 0 OR version = split_part($2, '|', 2))
ORDER BY id DESC
LIMIT 1;
