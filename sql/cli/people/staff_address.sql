-- staff_address :one (id uuid, data_key bytea) -> (email text, name text)
SELECT phi.open($2, 'staff.email:' || s.id::text, s.email) AS email, phi.open($2, 'staff.name:' || s.id::text, s.name) AS name
FROM anamnesis.staff s
WHERE s.id = $1;
