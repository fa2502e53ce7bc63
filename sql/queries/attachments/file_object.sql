-- file_object :one! (id uuid, kind text, page int?, key bytea?) -> (patient_id uuid, status upload_status, kind text?, salt bytea?, object text?, content_type text?, size bigint?, name text?, wrapped_key bytea?)
-- What opens an object of a file: there is none unless the file is clean and the actor may have it, which row-level security decides. A
-- document is viewed page by page. The name is opened when the key is given; the wrapped key is null where the patient was erased.
SELECT audit.about(u.patient_id), u.state, o.kind, CASE WHEN o.name IS NOT NULL THEN u.salt END, o.name, o.content_type, o.plain_size,
       phi.open($4, 'upload.name:' || u.id::text, u.name), d.wrapped_key
FROM anamnesis.upload u
LEFT JOIN anamnesis.upload_object o ON o.upload_id = u.id AND o.kind = anamnesis.upload_kind(u.type, $2, $3)
LEFT JOIN anamnesis.data_key d ON d.patient_id = u.patient_id
WHERE u.id = $1
