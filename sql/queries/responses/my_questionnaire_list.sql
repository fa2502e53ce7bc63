-- my_questionnaire_list :many (before uuid?, fetch int) -> (assignment_id uuid, questionnaire_id uuid, version int, title text, status text, due_at timestamptz?, response_id uuid?, response_status text?, answered int?, total int?, required_missing int?)
-- What the patient is asked, newest first, with the newest response to it; a cancelled one is not shown.
-- The patient is named first, whichever index finds the assignments: a list of none is theirs, too.
SELECT a.id AS assignment_id, a.questionnaire_id, a.version, a.title, a.status, a.due_at, a.response_id, a.response_status, a.answered, a.total,
       a.required_missing
FROM (SELECT audit.about((SELECT auth.patient())) AS patient OFFSET 0) me
CROSS JOIN LATERAL (
    SELECT n.id, n.questionnaire_id, n.version, v.title, n.status, n.due_at, r.id AS response_id, r.status AS response_status, r.answered,
           r.total, r.required_missing
    FROM anamnesis.assignment n
    JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = n.questionnaire_id AND v.version = n.version
    LEFT JOIN LATERAL (
        SELECT o.id, o.status, o.answered, o.total, o.required_missing
        FROM anamnesis.response o
        WHERE o.assignment_id = n.id AND o.status <> 'stopped'
        ORDER BY o.amendment DESC
        LIMIT 1) r ON true
    WHERE n.practice_id = (SELECT auth.practice()) AND n.patient_id = me.patient AND n.status <> 'cancelled'
      AND ($1::uuid IS NULL OR n.id < $1)
    ORDER BY n.id DESC
    LIMIT $2) a
ORDER BY a.id DESC
