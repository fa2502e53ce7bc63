-- staff_invite :one!internal (id uuid, role text, email_index bytea, wrapped_key bytea, key bytea, email text, name text, token_hash bytea, expires_at timestamptz) -> (created_at timestamptz)
-- A new member of staff and the link to join by.
SELECT auth.staff_invite($1, $2, $3, $4, $5, $6, $7, $8, $9)
