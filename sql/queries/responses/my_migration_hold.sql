-- my_migration_hold :exec (assignment_id uuid)
-- The response in progress, before the assignment: in the order in which submitting locks them.
SELECT FROM anamnesis.response
WHERE patient_id = (SELECT auth.patient()) AND assignment_id = $1 AND status = 'in-progress'
FOR UPDATE
