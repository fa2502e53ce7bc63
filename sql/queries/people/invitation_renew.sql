-- invitation_renew :exec (id uuid, token_hash bytea, expires_at timestamptz)
-- A new token and a new life; the old token opens nothing any more.
UPDATE anamnesis.invitation
SET token_hash = $2, expires_at = $3, status = 'pending', tries = 0
WHERE practice_id = (SELECT auth.practice()) AND id = $1
