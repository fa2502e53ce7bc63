-- assignment_lock :one! (id uuid) -> (patient_id uuid, status assignment_status)
SELECT audit.about(patient_id), status FROM anamnesis.assignment
WHERE practice_id = (SELECT auth.practice()) AND id = $1
FOR UPDATE
