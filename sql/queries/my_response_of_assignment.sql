-- my_response_of_assignment :one (assignment_id uuid) -> (id uuid)
SELECT id FROM anamnesis.response WHERE patient_id = auth.patient() AND assignment_id = $1
