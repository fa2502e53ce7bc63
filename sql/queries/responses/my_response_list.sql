-- my_response_list :many (before uuid?, fetch int) -> (id uuid, assignment_id uuid, questionnaire_id uuid, version int, title text, status text, amends uuid?, revision int, started_at timestamptz, updated_at timestamptz, submitted_at timestamptz?)
SELECT r.id, r.assignment_id, r.questionnaire_id, r.version, v.title, r.status, r.amends, r.revision, r.started_at,
       r.updated_at, r.submitted_at
FROM anamnesis.response r
JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = r.questionnaire_id AND v.version = r.version
WHERE r.practice_id = (SELECT auth.practice()) AND r.patient_id = (SELECT audit.about((SELECT auth.patient()))) AND ($1::uuid IS NULL OR r.id < $1)
ORDER BY r.id DESC
LIMIT $2
