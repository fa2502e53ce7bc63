-- staff_link :one (practice_id uuid, id uuid, token_hash bytea, expires_at timestamptz) -> (made bool)
SELECT auth.staff_link($1, $2, $3, $4) AS made;
