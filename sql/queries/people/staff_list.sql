-- staff_list :many (before uuid?, fetch int, key_ids uuid[], keys bytea[]) -> (id uuid, revision int, role text, status text, created_at timestamptz, wrapped_key bytea, name text?, email text?, state text?, at timestamptz?, reason text?)
-- The practice's staff, the newest first; names and addresses of those whose keys are given; what became of the message
-- with their newest link.
SELECT s.id, s.revision, s.role, s.status, s.created_at, s.wrapped_key,
       phi.open(k.key, 'staff.name:' || s.id::text, s.name), phi.open(k.key, 'staff.email:' || s.id::text, s.email),
       o.state, o.state_at, o.last_error
FROM anamnesis.staff s
LEFT JOIN unnest($3::uuid[], $4::bytea[]) AS k (id, key) ON k.id = s.id
LEFT JOIN LATERAL (
    SELECT m.state, m.state_at, m.last_error FROM anamnesis.outbox m WHERE m.staff_id = s.id ORDER BY m.id DESC LIMIT 1) o ON true
WHERE s.practice_id = (SELECT auth.practice()) AND ($1::uuid IS NULL OR s.id < $1)
ORDER BY s.id DESC
LIMIT $2
