-- staff_values :many (ids text, keys text, unused text) -> (id uuid, email text?, record_number text?)
SELECT s.id, phi.open(k.key, 'staff.email:' || s.id::text, s.email) AS email, NULL::text AS record_number
FROM anamnesis.staff s
JOIN unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS k (id, key, unused) ON k.id = s.id;
