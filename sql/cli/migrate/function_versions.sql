-- function_versions :one (name text) -> (versions text)
-- What a function of this name looked like, so that what its text did not touch can be told.
SELECT coalesce(array_agg(p.oid::text || ':' || p.xmin::text), '{}')::text AS versions
FROM pg_catalog.pg_proc p
WHERE p.pronamespace = split_part($1, '.', 1)::regnamespace AND p.proname = split_part($1, '.', 2);
