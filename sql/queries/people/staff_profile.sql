-- staff_profile :one!not-signed-in (key bytea) -> (id uuid, revision int, practice_id uuid, practice_name text, role text, name text, email text, totp bool, passkeys int, recovery_codes_left int)
-- What the signed-in member of staff sees of herself or himself.
SELECT s.id, s.revision, s.practice_id, c.name, s.role, phi.open($1, 'staff.name:' || s.id::text, s.name),
       phi.open($1, 'staff.email:' || s.id::text, s.email), f.totp, f.passkeys, f.recovery_codes
FROM anamnesis.staff s
JOIN anamnesis.practice c ON c.id = s.practice_id
CROSS JOIN auth.own_factors() AS f
WHERE s.id = (SELECT auth.actor())
