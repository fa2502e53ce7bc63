-- my_response_of_assignment :one (assignment_id uuid) -> (id uuid)
-- The newest one that was not given up.
SELECT id FROM anamnesis.response
WHERE patient_id = (SELECT auth.patient()) AND assignment_id = $1 AND status <> 'stopped'
ORDER BY amendment DESC
LIMIT 1
