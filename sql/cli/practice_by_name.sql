-- practice_by_name :many (name text) -> (id uuid)
SELECT id FROM anamnesis.practice WHERE name = $1 ORDER BY id;
