-- owner_list :many (key_ids uuid[], keys bytea[]) -> owner
-- The practice's active owners; addresses of those whose keys are given.
SELECT s.id, s.wrapped_key, c.name, phi.open(k.key, 'staff.email:' || s.id::text, s.email)
FROM anamnesis.staff s
JOIN anamnesis.practice c ON c.id = s.practice_id
LEFT JOIN unnest($1::uuid[], $2::bytea[]) AS k (id, key) ON k.id = s.id
WHERE s.practice_id = (SELECT auth.practice()) AND s.role = 'owner' AND s.status = 'active'
ORDER BY s.id
LIMIT 50
