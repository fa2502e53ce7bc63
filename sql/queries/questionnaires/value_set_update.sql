-- value_set_update :one!internal (id uuid, url text, version text?, title text, resource text) -> (revision int, created_at timestamptz, updated_at timestamptz)
-- Drafts are judged by it from now on; published versions have copies of their own.
UPDATE anamnesis.value_set
SET url = $2, version = coalesce($3, ''), title = $4, resource = $5, revision = revision + 1, updated_at = now()
WHERE practice_id = (SELECT auth.practice()) AND id = $1
RETURNING revision, created_at, updated_at
