-- my_response_uploads :many (response_id uuid, ids uuid[]) -> (id uuid, link_id text, type text, size bigint, status upload_status)
-- Of the files that answers name, those of the response's own assignment.
SELECT u.id, u.link_id, u.type, u.size, u.state
FROM anamnesis.upload u
WHERE u.patient_id = (SELECT auth.patient()) AND u.id = ANY ($2)
  AND u.assignment_id = (SELECT r.assignment_id FROM anamnesis.response r WHERE r.id = $1) AND u.size IS NOT NULL
