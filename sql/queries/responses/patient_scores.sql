-- patient_scores :many (patient_id uuid, questionnaire_id uuid?, key bytea, before uuid?, fetch int) -> (patient_id uuid, id uuid?, questionnaire_id uuid?, version int?, title text?, submitted_at timestamptz?, scores text?)
-- The scores of what the patient completed, newest first; of a response that was amended only the last amendment. One row without a
-- response when there is none: the patient may be seen.
SELECT audit.about(p.id), r.id, r.questionnaire_id, r.version, v.title, r.submitted_at,
       CASE WHEN r.id IS NULL THEN NULL
            WHEN r.scores IS NULL THEN nullif(substr(phi.open($3, 'response.response_sha256:' || r.id::text, r.response_sha256), 65), '')
            ELSE phi.open($3, 'response.scores:' || r.id::text, r.scores) END
FROM anamnesis.patient p
LEFT JOIN LATERAL (
    SELECT n.id, n.questionnaire_id, n.version, n.submitted_at, n.scores, n.response_sha256
    FROM anamnesis.response n
    WHERE n.practice_id = p.practice_id AND n.patient_id = p.id AND ($4::uuid IS NULL OR n.id < $4)
      AND ($2::uuid IS NULL OR n.questionnaire_id = $2) AND n.status IN ('completed', 'amended')
      AND NOT EXISTS (SELECT FROM anamnesis.response a WHERE a.amends = n.id AND a.status = 'amended')
    ORDER BY n.id DESC
    LIMIT $5) r ON true
LEFT JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = r.questionnaire_id AND v.version = r.version
WHERE p.practice_id = (SELECT auth.practice()) AND p.id = $1 AND p.status <> 'erased'
ORDER BY r.id DESC
