-- staff_self :one!not-signed-in (key bytea) -> (id uuid, practice_id uuid, practice_name text, role text, name text, email text)
-- The signed-in member of staff.
SELECT s.id, s.practice_id, c.name, s.role, phi.open($1, 'staff.name:' || s.id::text, s.name),
       phi.open($1, 'staff.email:' || s.id::text, s.email)
FROM anamnesis.staff s
JOIN anamnesis.practice c ON c.id = s.practice_id
WHERE s.id = (SELECT auth.actor())
