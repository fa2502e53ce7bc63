-- invitation_revoke :exec (id uuid)
UPDATE anamnesis.invitation SET status = 'revoked'
WHERE practice_id = auth.claimed_practice() AND id = $1 AND status IN ('pending', 'spent')
