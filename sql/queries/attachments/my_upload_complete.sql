-- my_upload_complete :one! (id uuid) -> (status upload_status)
-- Its parts are there, as the caller has seen: it waits to be looked at. In another state it stays as it is.
SELECT c.status FROM (SELECT anamnesis.upload_complete($1) AS status) c WHERE c.status IS NOT NULL
