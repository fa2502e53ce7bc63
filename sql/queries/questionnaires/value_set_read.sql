-- value_set_read :one! (id uuid) -> (id uuid, url text, version text?, title text, revision int, created_at timestamptz, updated_at timestamptz, resource text)
SELECT id, url, nullif(version, ''), title, revision, created_at, updated_at, resource
FROM anamnesis.value_set
WHERE practice_id = (SELECT auth.practice()) AND id = $1
