-- staff_opened :many (ids text, keys text) -> (id uuid, role text, status text, email text, name text)
-- The keys come as parameters, between us and the database only.
SELECT s.id, s.role, s.status, phi.open(k.key, 'staff.email:' || s.id::text, s.email) AS email,
       phi.open(k.key, 'staff.name:' || s.id::text, s.name) AS name
FROM anamnesis.staff s
JOIN unnest($1::uuid[], $2::bytea[]) AS k (id, key) ON k.id = s.id
ORDER BY s.id;
