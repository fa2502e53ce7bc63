-- value_set_insert :one!internal (id uuid, url text, version text?, title text, resource text) -> (revision int, created_at timestamptz)
INSERT INTO anamnesis.value_set (id, practice_id, url, version, title, resource, created_by)
VALUES ($1, (SELECT auth.practice()), $2, coalesce($3, ''), $4, $5, (SELECT auth.actor()))
RETURNING revision, created_at
