-- wrapped_keys :many () -> (id text, wrapped_key bytea)
SELECT s.id::text, s.wrapped_key FROM anamnesis.staff s
UNION ALL SELECT d.patient_id::text, d.wrapped_key FROM anamnesis.data_key d;
