-- invitations_end :exec (patient_id uuid)
-- Links that are under way open nothing any more.
UPDATE anamnesis.invitation
SET status = 'revoked'
WHERE practice_id = (SELECT auth.practice()) AND patient_id = $1 AND status = 'pending'
