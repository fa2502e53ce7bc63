-- my_assignment_lock :one (id uuid) -> (patient_id uuid, questionnaire_id uuid, version int, status text)
-- Two that begin the same assignment at once: the second waits, and finds the first one's response.
SELECT audit.about(patient_id), questionnaire_id, version, status
FROM anamnesis.assignment
WHERE patient_id = auth.patient() AND id = $1 AND status <> 'cancelled'
FOR UPDATE
