-- questionnaires :many (practice_id uuid) -> (id uuid, status text, version int?, updated_at text, title text)
SELECT q.id, q.status, q.version, to_char(q.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS updated_at, q.title
FROM anamnesis.questionnaire q
WHERE q.practice_id = $1
ORDER BY q.id;
