-- media_grant :one! (hash bytea, id uuid, kind text, page int?) -> (patient_id uuid, status upload_status, until timestamptz?)
-- Allows the session one download; until null: nothing of that kind was made of the file, or it is not clean.
SELECT audit.about(u.patient_id), u.state, anamnesis.upload_grant_make($1, u.id, anamnesis.upload_kind(u.type, $3, $4))
FROM anamnesis.upload u
WHERE u.id = $2
