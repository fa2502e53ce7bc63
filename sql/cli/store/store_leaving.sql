-- store_leaving :one (name text) -> (count bigint)
-- Whether it waits for being removed.
SELECT count(*) FROM anamnesis.object_leaving l WHERE l.name = $1;
