-- staff_insert :exec (id uuid, practice_id uuid, role text, email_index bytea, wrapped_key bytea, data_key bytea, email text, name text)
INSERT INTO anamnesis.staff (id, practice_id, role, email_index, wrapped_key, email, name)
VALUES ($1, $2, $3, $4, $5, phi.seal($6, 'staff.email:' || $1::text, $7), phi.seal($6, 'staff.name:' || $1::text, $8));
