-- audit_seal_columns :one () -> (answer text?)
SELECT count(*)::text AS answer
FROM pg_catalog.pg_attribute
WHERE (attrelid, attname) IN ((to_regclass('audit.seal'), 'horizon'), (to_regclass('audit.event'), 'position'));
