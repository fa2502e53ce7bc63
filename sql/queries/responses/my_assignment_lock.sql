-- my_assignment_lock :one! (id uuid) -> (patient_id uuid, questionnaire_id uuid, version int, status text, moves_to int?)
-- Two that begin the same assignment at once: the second waits, and finds the first one's response.
SELECT audit.about(a.patient_id), a.questionnaire_id, a.version, a.status,
       (anamnesis.assignment_now(a.id)).moves_to
FROM anamnesis.assignment a
WHERE a.patient_id = (SELECT auth.patient()) AND a.id = $1 AND a.status <> 'cancelled'
FOR UPDATE
