-- staff_list :many (before uuid?, fetch int, key_ids uuid[], keys bytea[]) -> (id uuid, revision int, role text, status text, created_at timestamptz, wrapped_key bytea, name text?, email text?)
-- The practice's staff, the newest first; names and addresses of those whose keys are given.
SELECT s.id, s.revision, s.role, s.status, s.created_at, s.wrapped_key,
       phi.open(k.key, 'staff.name:' || s.id::text, s.name), phi.open(k.key, 'staff.email:' || s.id::text, s.email)
FROM anamnesis.staff s
LEFT JOIN unnest($3::uuid[], $4::bytea[]) AS k (id, key) ON k.id = s.id
WHERE s.practice_id = auth.claimed_practice() AND ($1::uuid IS NULL OR s.id < $1)
ORDER BY s.id DESC
LIMIT $2
