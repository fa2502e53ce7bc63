-- response_list :many (patient_id uuid?, questionnaire_id uuid?, version int?, status text?, since timestamptz?, until timestamptz?, before uuid?, fetch int) -> (id uuid, patient_id uuid, assignment_id uuid, questionnaire_id uuid, version int, title text, status text, amends uuid?, revision int, started_at timestamptz, updated_at timestamptz, submitted_at timestamptz?)
-- Newest first. The span of time is that of the submission, or of the last change while in progress.
WITH page AS MATERIALIZED (
    SELECT r.*
    FROM anamnesis.response r
    WHERE r.practice_id = (SELECT auth.practice())
      AND ($1::uuid IS NULL OR r.patient_id = $1)
      AND ($2::uuid IS NULL OR r.questionnaire_id = $2)
      AND ($3::int IS NULL OR r.version = $3)
      AND ($4::text IS NULL OR r.status = $4)
      AND ($5::timestamptz IS NULL OR coalesce(r.submitted_at, r.updated_at) >= $5)
      AND ($6::timestamptz IS NULL OR coalesce(r.submitted_at, r.updated_at) < $6)
      AND ($7::uuid IS NULL OR r.id < $7)
    ORDER BY r.id DESC
    LIMIT $8
)
SELECT r.id, audit.about(r.patient_id), r.assignment_id, r.questionnaire_id, r.version, v.title, r.status, r.amends,
       r.revision, r.started_at, r.updated_at, r.submitted_at
FROM page r
JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = r.questionnaire_id AND v.version = r.version
ORDER BY r.id DESC
