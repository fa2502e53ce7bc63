-- policies_that_call :many (name text, versions text?) -> (name text)
-- The tables whose policies call one of these functions.
SELECT DISTINCT n.nspname || '.' || c.relname AS name
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_proc'::regclass AND d.refobjid = p.oid
JOIN pg_catalog.pg_policy y ON d.classid = 'pg_catalog.pg_policy'::regclass AND d.objid = y.oid
JOIN pg_catalog.pg_class c ON c.oid = y.polrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE p.pronamespace = split_part($1, '.', 1)::regnamespace AND p.proname = split_part($1, '.', 2)
  AND ($2 IS NULL OR p.oid::text || ':' || p.xmin::text = ANY ($2::text[]));
