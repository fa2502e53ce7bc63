-- staff_read :one! (id uuid, key bytea) -> (id uuid, revision int, role text, status text, created_at timestamptz, practice_name text, name text, email text, state text?, at timestamptz?, reason text?)
SELECT s.id, s.revision, s.role, s.status, s.created_at, c.name, phi.open($2, 'staff.name:' || s.id::text, s.name),
       phi.open($2, 'staff.email:' || s.id::text, s.email), o.state, o.state_at, o.last_error
FROM anamnesis.staff s
JOIN anamnesis.practice c ON c.id = s.practice_id
LEFT JOIN LATERAL (
    SELECT m.state, m.state_at, m.last_error FROM anamnesis.outbox m WHERE m.staff_id = s.id ORDER BY m.id DESC LIMIT 1) o ON true
WHERE s.practice_id = (SELECT auth.practice()) AND s.id = $1
