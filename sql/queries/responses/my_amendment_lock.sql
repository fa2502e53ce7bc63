-- my_amendment_lock :one! (id uuid) -> (patient_id uuid, status response_status, revision int, amends uuid?)
-- The same lock as auto-save's, without opening the answers.
SELECT audit.about(patient_id), status, revision, amends
FROM anamnesis.response
WHERE patient_id = (SELECT auth.patient()) AND id = $1
FOR UPDATE
