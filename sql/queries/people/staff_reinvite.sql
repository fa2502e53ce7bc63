-- staff_reinvite :one (id uuid, token_hash bytea, expires_at timestamptz) -> (done bool)
-- A new link in place of earlier ones; sessions end. False for somebody who is disabled.
SELECT auth.staff_reinvite($1, $2, $3)
