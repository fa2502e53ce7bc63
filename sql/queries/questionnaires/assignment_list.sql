-- assignment_list :many (patient_id uuid, before uuid?, fetch int) -> (id uuid, patient_id uuid, questionnaire_id uuid, version int, title text, status text, due_at timestamptz?, created_at timestamptz)
SELECT a.id, a.patient_id, a.questionnaire_id, a.version, v.title, a.status, a.due_at, a.created_at
FROM anamnesis.assignment a
JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = a.questionnaire_id AND v.version = a.version
WHERE a.practice_id = (SELECT auth.practice()) AND a.patient_id = $1 AND ($2::uuid IS NULL OR a.id < $2)
ORDER BY a.id DESC
LIMIT $3
