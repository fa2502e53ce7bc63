-- staff_read :one (id uuid, key bytea) -> (id uuid, revision int, role text, status text, created_at timestamptz, practice_name text, name text, email text)
SELECT s.id, s.revision, s.role, s.status, s.created_at, c.name, phi.open($2, 'staff.name:' || s.id::text, s.name),
       phi.open($2, 'staff.email:' || s.id::text, s.email)
FROM anamnesis.staff s
JOIN anamnesis.practice c ON c.id = s.practice_id
WHERE s.practice_id = auth.claimed_practice() AND s.id = $1
