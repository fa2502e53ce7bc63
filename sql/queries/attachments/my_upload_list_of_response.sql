-- my_upload_list_of_response :many (response_id uuid, key bytea, before uuid?, fetch int) -> upload_item
SELECT u.id, u.response_id, u.link_id, u.type AS content_type, u.size, phi.open($2, 'upload.name:' || u.id::text, u.name) AS filename,
       u.state AS status, u.reason, u.created_at
FROM anamnesis.upload u
WHERE u.practice_id = (SELECT auth.practice()) AND u.patient_id = (SELECT audit.about((SELECT auth.patient())))
  AND u.response_id = $1 AND ($3::uuid IS NULL OR u.id < $3)
ORDER BY u.id DESC
LIMIT $4
