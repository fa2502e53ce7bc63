-- my_upload_list :many (key bytea, before uuid?, fetch int) -> upload_item
-- The patient is named first, whichever index finds the files: a list of none is theirs, too.
SELECT u.id, u.response_id, u.link_id, u.content_type, u.size, phi.open($1, 'upload.name:' || u.id::text, u.name) AS filename,
       u.status, u.reason, u.created_at
FROM (SELECT audit.about((SELECT auth.patient())) AS patient OFFSET 0) me
CROSS JOIN LATERAL (
    SELECT f.id, f.response_id, f.link_id, f.type AS content_type, f.size, f.name, f.state AS status, f.reason, f.created_at
    FROM anamnesis.upload f
    WHERE f.practice_id = (SELECT auth.practice()) AND f.patient_id = me.patient AND ($2::uuid IS NULL OR f.id < $2)
    ORDER BY f.id DESC
    LIMIT $3) u
ORDER BY u.id DESC
