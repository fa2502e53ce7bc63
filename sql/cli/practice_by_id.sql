-- practice_by_id :many (id uuid) -> (id uuid)
SELECT id FROM anamnesis.practice WHERE id = $1;
