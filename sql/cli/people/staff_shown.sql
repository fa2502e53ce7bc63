-- staff_shown :one (id uuid, format text) -> (wrapped_key bytea, role text, practice_name text, created_at text)
SELECT s.wrapped_key, s.role, c.name AS practice_name, to_char(s.created_at AT TIME ZONE 'UTC', $2) AS created_at
FROM anamnesis.staff s
JOIN anamnesis.practice c ON c.id = s.practice_id
WHERE s.id = $1;
