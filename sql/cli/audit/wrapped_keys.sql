-- wrapped_keys :many () -> (id text, wrapped_key bytea, files_key bytea?)
-- A dump of before may lack the column.
SELECT s.id::text, s.wrapped_key, NULL::bytea AS files_key FROM anamnesis.staff s
UNION ALL SELECT d.patient_id::text, d.wrapped_key, decode(substr(to_jsonb(d) ->> 'files_key', 3), 'hex') FROM anamnesis.data_key d;
