-- audit_table_kind :one () -> (answer text?)
SELECT relkind::text AS answer FROM pg_catalog.pg_class WHERE oid = to_regclass('audit.event');
