-- my_upload_place :one! (response_id uuid) -> (patient_id uuid, questionnaire_id uuid, version int, status response_status, cancelled bool)
-- The response that a file is to answer a question of. upload_create() looks again, under its locks.
SELECT audit.about(r.patient_id), r.questionnaire_id, r.version, r.status, (a.now).cancelled
FROM anamnesis.response r
CROSS JOIN LATERAL (SELECT anamnesis.assignment_now(r.assignment_id) AS now OFFSET 0) a
WHERE r.patient_id = (SELECT auth.patient()) AND r.id = $1
