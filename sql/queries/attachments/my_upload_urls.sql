-- my_upload_urls :one (id uuid, seconds int) -> (until timestamptz?)
-- Notes that URLs of its parts are made now, which are good for so long; null when it is not awaited any more.
SELECT anamnesis.upload_urls($1, $2)
