-- my_questionnaire_list :many (before uuid?, fetch int) -> (assignment_id uuid, questionnaire_id uuid, version int, title text, status text, due_at timestamptz?, response_id uuid?, response_status text?, answered int?, total int?, required_missing int?)
-- What the patient is asked, newest first, with the newest response to it; a cancelled one is not shown.
SELECT a.id, a.questionnaire_id, a.version, v.title, a.status, a.due_at, r.id, r.status, r.answered, r.total,
       r.required_missing
FROM anamnesis.assignment a
JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = a.questionnaire_id AND v.version = a.version
LEFT JOIN LATERAL (
    SELECT n.id, n.status, n.answered, n.total, n.required_missing
    FROM anamnesis.response n
    WHERE n.assignment_id = a.id AND n.status <> 'stopped'
    ORDER BY n.amendment DESC
    LIMIT 1) r ON true
WHERE a.practice_id = (SELECT auth.practice()) AND a.patient_id = (SELECT audit.about((SELECT auth.patient()))) AND a.status <> 'cancelled' AND ($1::uuid IS NULL OR a.id < $1)
ORDER BY a.id DESC
LIMIT $2
