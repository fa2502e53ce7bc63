-- former_functions :many (name text, versions text?) -> (statement text)
-- Of all versions when none are given.
SELECT format('DROP FUNCTION %s', p.oid::regprocedure) AS statement
FROM pg_catalog.pg_proc p
WHERE p.pronamespace = split_part($1, '.', 1)::regnamespace AND p.proname = split_part($1, '.', 2)
  AND ($2 IS NULL OR p.oid::text || ':' || p.xmin::text = ANY ($2::text[]));
