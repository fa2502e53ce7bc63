-- my_upload_withdraw :one! (id uuid) -> (status enum(withdrawn|shown|expired|removed|erased))
SELECT c.status FROM (SELECT anamnesis.upload_withdraw($1) AS status) c WHERE c.status IS NOT NULL
