-- staff_keys :many (practice_id uuid) -> (id uuid, wrapped_key text)
SELECT s.id, encode(s.wrapped_key, 'hex') AS wrapped_key
FROM anamnesis.staff s
WHERE s.practice_id = $1
ORDER BY s.id;
