-- patient_message_list :many (patient_id uuid, before uuid?, fetch int) -> (id uuid, kind text, created_at timestamptz, attempts int, state text, at timestamptz, reason text?)
-- What was written to a patient, the newest first: what became of it, not what it says.
SELECT o.id, o.kind, o.created_at, o.attempts, o.state, o.state_at, o.last_error
FROM anamnesis.outbox o
WHERE o.practice_id = (SELECT auth.practice()) AND o.patient_id = $1 AND NOT o.for_staff AND ($2::uuid IS NULL OR o.id < $2)
ORDER BY o.id DESC
LIMIT $3
