-- audit_days_ahead :one () -> (answer text?)
SELECT extract(day FROM max(substring(pg_get_expr(c.relpartbound, c.oid) FROM $$TO [(]'([^']+)'$$)::timestamptz)
                        - now())::integer::text AS answer
FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'audit.event'::regclass;
