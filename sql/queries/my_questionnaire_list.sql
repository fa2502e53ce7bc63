-- my_questionnaire_list :many (before uuid?, fetch int) -> (assignment_id uuid, questionnaire_id uuid, version int, title text, status text, due_at timestamptz?, response_id uuid?, answered int?, total int?, required_missing int?)
-- What the patient is asked, newest first; a cancelled one is not shown.
SELECT a.id, a.questionnaire_id, a.version, v.title, a.status, a.due_at, r.id, r.answered, r.total, r.required_missing
FROM anamnesis.assignment a
JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = a.questionnaire_id AND v.version = a.version
LEFT JOIN anamnesis.response r ON r.assignment_id = a.id
WHERE a.patient_id = (SELECT audit.about(auth.patient())) AND a.status <> 'cancelled' AND ($1::uuid IS NULL OR a.id < $1)
ORDER BY a.id DESC
LIMIT $2
