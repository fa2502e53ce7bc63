-- invitation_list :many (patient_id uuid, before uuid?, fetch int) -> (id uuid, status text, delivery text, expires_at timestamptz, created_at timestamptz)
-- Newest first; a pending one past its time is shown as expired.
SELECT id, CASE WHEN status = 'pending' AND expires_at <= now() THEN 'expired' ELSE status END, delivery, expires_at,
       created_at
FROM anamnesis.invitation
WHERE practice_id = auth.claimed_practice() AND patient_id = $1 AND ($2::uuid IS NULL OR id < $2)
ORDER BY id DESC
LIMIT $3
