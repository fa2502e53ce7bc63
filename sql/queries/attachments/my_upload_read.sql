-- my_upload_read :one! (id uuid, key bytea) -> (patient_id uuid, response_id uuid, link_id text, type text, size bigint, parts int, name text, declared bytea, status upload_status, reason text?, created_at timestamptz, expires_at timestamptz, pages int, document_pages int?)
SELECT audit.about(u.patient_id), u.response_id, u.link_id, u.type, u.size, u.parts::int,
       phi.open($2, 'upload.name:' || u.id::text, u.name), u.declared, u.state, u.reason, u.created_at, u.expires_at,
       (SELECT count(*)::int FROM anamnesis.upload_object o WHERE o.upload_id = u.id AND o.kind LIKE 'page-%'), u.pages
FROM anamnesis.upload u
WHERE u.patient_id = (SELECT auth.patient()) AND u.id = $1
