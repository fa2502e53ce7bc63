-- my_response_lock :one (id uuid, key bytea) -> (patient_id uuid, assignment_id uuid, questionnaire_id uuid, version int, status text, revision int, amends uuid?, cancelled bool, answers text)
-- The patient's own response, opened, and until the end of the transaction nobody else's to change.
SELECT audit.about(patient_id), assignment_id, questionnaire_id, version, status, revision, amends,
       (SELECT a.status = 'cancelled' FROM anamnesis.assignment a WHERE a.id = assignment_id),
       phi.open($2, 'response.answers:' || id::text, answers)
FROM anamnesis.response
WHERE patient_id = auth.patient() AND id = $1
FOR UPDATE
