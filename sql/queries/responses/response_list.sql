-- response_list :many (patient_id uuid?, questionnaire_id uuid?, version int?, status text?, since timestamptz?, until timestamptz?, review text?, assignee uuid?, before uuid?, fetch int) -> (id uuid, patient_id uuid, assignment_id uuid, questionnaire_id uuid, version int, title text, status text, amends uuid?, revision int, started_at timestamptz, updated_at timestamptz, submitted_at timestamptz?, review_state text?, review_assignee uuid?, review_number int?)
-- Newest first. The span of time is that of the submission, or of the last change while in progress.
WITH page AS MATERIALIZED (SELECT * FROM anamnesis.response_page($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))
SELECT r.id, audit.about(r.patient_id), r.assignment_id, r.questionnaire_id, r.version, v.title, r.status, r.amends,
       r.revision, r.started_at, r.updated_at, r.submitted_at, n.state, n.assignee, n.number
FROM page r
JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = r.questionnaire_id AND v.version = r.version
LEFT JOIN anamnesis.review_now n ON n.response_id = r.id
ORDER BY r.id DESC
