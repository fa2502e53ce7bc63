-- response_comparison :one! (id uuid, key bytea) -> (patient_id uuid, questionnaire_id uuid, version int, submitted_at timestamptz?, answers text?, previous_id uuid?, previous_version int?, previous_at timestamptz?, previous_answers text?)
-- A response, and the one that its patient completed before to the same questionnaire: of all its amendments the last one. Before is by
-- the first submission of each.
SELECT audit.about(r.patient_id), r.questionnaire_id, r.version, r.submitted_at,
       CASE WHEN r.submitted_at IS NOT NULL THEN phi.open($2, 'response.answers:' || r.id::text, r.answers) END,
       b.id, b.version, b.submitted_at,
       CASE WHEN b.id IS NOT NULL THEN phi.open($2, 'response.answers:' || b.id::text, b.answers) END
FROM anamnesis.response r
JOIN anamnesis.response f ON f.assignment_id = r.assignment_id AND f.amendment = 0
JOIN anamnesis.patient p ON p.id = r.patient_id AND p.status <> 'erased' -- a worker may still have the key
LEFT JOIN LATERAL (
    SELECT n.id, n.version, n.submitted_at, n.answers
    FROM anamnesis.response n
    JOIN anamnesis.response o ON o.assignment_id = n.assignment_id AND o.amendment = 0
    WHERE n.practice_id = r.practice_id AND n.patient_id = r.patient_id AND n.questionnaire_id = r.questionnaire_id
      AND n.assignment_id <> r.assignment_id AND n.status IN ('completed', 'amended')
      AND (o.submitted_at, o.id) < (f.submitted_at, f.id)
      AND NOT EXISTS (SELECT FROM anamnesis.response a WHERE a.amends = n.id AND a.status = 'amended')
    ORDER BY o.submitted_at DESC, o.id DESC
    LIMIT 1) b ON true
WHERE r.practice_id = (SELECT auth.practice()) AND r.id = $1
