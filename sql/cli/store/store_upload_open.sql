-- store_upload_open :one (id text, scanning bool) -> (count bigint)
-- Whether an upload's parts still, or by now, have a use; with `scanning`, whether all of them must be there.
SELECT count(*) FROM anamnesis.upload u
WHERE u.id = $1::uuid AND (u.state = 'scanning' OR (u.state = 'awaiting-upload' AND NOT $2));
