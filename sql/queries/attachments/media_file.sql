-- media_file :one! (hash bytea, id uuid, key bytea?) -> (patient_id uuid, kind text?, salt bytea?, object text?, content_type text?, size bigint?, name text?)
-- Uses up the download that was allowed; what opens the object, or nulls when it was not, or not any more.
WITH used AS MATERIALIZED (SELECT anamnesis.upload_grant_use($1, $2) AS kind)
SELECT audit.about(u.patient_id), o.kind, CASE WHEN o.name IS NOT NULL THEN u.salt END, o.name, o.content_type, o.plain_size,
       phi.open($3, 'upload.name:' || u.id::text, u.name)
FROM anamnesis.upload u
CROSS JOIN used
LEFT JOIN anamnesis.upload_object o ON o.upload_id = u.id AND o.kind = used.kind
WHERE u.id = $2
