-- practices :many () -> (id uuid, staff bigint, created_at text, name text)
SELECT c.id, (SELECT count(*) FROM anamnesis.staff s WHERE s.practice_id = c.id AND s.status = 'active') AS staff,
       to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at, c.name
FROM anamnesis.practice c
ORDER BY c.id;
