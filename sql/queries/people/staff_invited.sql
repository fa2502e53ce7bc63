-- staff_invited :one (token_hash bytea) -> (staff_id uuid, practice_name text, role text, wrapped_key bytea, expires_at timestamptz)
-- Whom a link is for, while it can be used.
SELECT staff_id, practice_name, role, wrapped_key, expires_at FROM auth.staff_invited($1)
