-- my_migration_state :one! (assignment_id uuid, key bytea) -> (response_id uuid?, revision int?, answers text?)
-- What is to be carried over, as it is after the locks.
SELECT r.id, r.revision, phi.open($2, 'response.answers:' || r.id::text, r.answers)
FROM anamnesis.assignment a
LEFT JOIN anamnesis.response r ON r.assignment_id = a.id AND r.status = 'in-progress'
WHERE a.patient_id = (SELECT auth.patient()) AND a.id = $1
