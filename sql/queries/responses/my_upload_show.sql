-- my_upload_show :many (response_id uuid, ids uuid[]) -> (id uuid)
-- Notes which files a response that is being completed shows. Gives those that it cannot show.
SELECT unnest(anamnesis.upload_show($1, $2))
