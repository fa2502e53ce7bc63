-- invitation_list :many (patient_id uuid, before uuid?, fetch int) -> (id uuid, patient_id uuid, status text, delivery text, expires_at timestamptz, created_at timestamptz, state text?, at timestamptz?, reason text?)
-- Newest first; a pending one past its time is shown as expired. With what became of the message with its newest link.
SELECT i.id, i.patient_id, CASE WHEN i.status = 'pending' AND i.expires_at <= now() THEN 'expired' ELSE i.status END, i.delivery,
       i.expires_at, i.created_at, o.state, o.state_at, o.last_error
FROM anamnesis.invitation i
LEFT JOIN LATERAL (
    SELECT m.state, m.state_at, m.last_error FROM anamnesis.outbox m
    WHERE m.invitation_id = i.id AND i.delivery = 'email' ORDER BY m.id DESC LIMIT 1) o ON true
WHERE i.practice_id = (SELECT auth.practice()) AND i.patient_id = $1 AND ($2::uuid IS NULL OR i.id < $2)
ORDER BY i.id DESC
LIMIT $3
