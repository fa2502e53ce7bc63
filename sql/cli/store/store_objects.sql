-- store_objects :many (after text, most int) -> (name text, upload_id text, kind text, plain_size bigint)
-- What should lie in the store, in the order of names.
SELECT o.name, o.upload_id::text, o.kind, o.plain_size
FROM anamnesis.upload_object o WHERE o.name > $1 ORDER BY o.name LIMIT $2;
