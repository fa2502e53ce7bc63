-- invitation_revoke :exec (id uuid)
UPDATE anamnesis.invitation SET status = 'revoked'
WHERE practice_id = (SELECT auth.practice()) AND id = $1 AND status IN ('pending', 'spent')
