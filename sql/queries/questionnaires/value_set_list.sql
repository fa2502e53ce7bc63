-- value_set_list :many (url text?, before uuid?, fetch int) -> (id uuid, url text, version text?, title text, revision int, created_at timestamptz, updated_at timestamptz)
-- Newest first, without the resources.
SELECT id, url, nullif(version, ''), title, revision, created_at, updated_at
FROM anamnesis.value_set
WHERE practice_id = (SELECT auth.practice()) AND ($1::text IS NULL OR url = $1) AND ($2::uuid IS NULL OR id < $2)
ORDER BY id DESC
LIMIT $3
