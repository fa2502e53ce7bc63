-- staff_join :one (practice_id uuid, id uuid, role text, email_index bytea, wrapped_key bytea, data_key bytea, email text, name text, token_hash bytea, expires_at timestamptz) -> (created_at timestamptz)
SELECT auth.staff_join($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS created_at;
