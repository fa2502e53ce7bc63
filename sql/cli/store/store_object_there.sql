-- store_object_there :one (name text) -> (count bigint)
-- Whether there is still, or by now, such an object.
SELECT count(*) FROM anamnesis.upload_object o WHERE o.name = $1;
