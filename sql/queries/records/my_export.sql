-- my_export :many (key bytea, before uuid?, fetch int) -> (id uuid, patient_id uuid, questionnaire_id uuid, version int, status text, amends uuid?, updated_at timestamptz, submitted_at timestamptz?, definition text?, answers text, scores text?)
-- The patient's responses with their answers, newest first; the definition comes with the first row of each version.
SELECT r.id, r.patient_id, r.questionnaire_id, r.version, r.status, r.amends, r.updated_at, r.submitted_at,
       CASE WHEN row_number() OVER (PARTITION BY r.questionnaire_id, r.version ORDER BY r.id DESC) = 1 THEN v.definition END,
       phi.open($1, 'response.answers:' || r.id::text, r.answers),
       CASE WHEN r.scores IS NULL
                THEN nullif(substr(phi.open($1, 'response.response_sha256:' || r.id::text, r.response_sha256), 65), '')
            ELSE phi.open($1, 'response.scores:' || r.id::text, r.scores) END
FROM (SELECT n.*
      FROM anamnesis.response n
      WHERE n.practice_id = (SELECT auth.practice()) AND n.patient_id = (SELECT auth.patient()) AND ($2::uuid IS NULL OR n.id < $2)
      ORDER BY n.id DESC
      LIMIT $3) r
JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = r.questionnaire_id AND v.version = r.version
ORDER BY r.id DESC
