-- my_response_list :many (before uuid?, fetch int) -> (id uuid, assignment_id uuid, questionnaire_id uuid, version int, title text, status text, amends uuid?, revision int, started_at timestamptz, updated_at timestamptz, submitted_at timestamptz?)
-- The patient is named first, whichever index finds the responses: a list of none is theirs, too.
SELECT r.id, r.assignment_id, r.questionnaire_id, r.version, r.title, r.status, r.amends, r.revision, r.started_at, r.updated_at,
       r.submitted_at
FROM (SELECT audit.about((SELECT auth.patient())) AS patient OFFSET 0) me
CROSS JOIN LATERAL (
    SELECT n.id, n.assignment_id, n.questionnaire_id, n.version, v.title, n.status, n.amends, n.revision, n.started_at, n.updated_at,
           n.submitted_at
    FROM anamnesis.response n
    JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = n.questionnaire_id AND v.version = n.version
    WHERE n.practice_id = (SELECT auth.practice()) AND n.patient_id = me.patient AND ($1::uuid IS NULL OR n.id < $1)
    ORDER BY n.id DESC
    LIMIT $2) r
ORDER BY r.id DESC
