-- patient_list :many (email_indexes bytea[], record_number_indexes bytea[], before uuid?, fetch int, key_ids uuid[], keys bytea[], only uuid[]) -> (id uuid, status text, revision int, language text?, registered bool, created_at timestamptz, updated_at timestamptz, opened bool, wrapped_key bytea?, given_name text?, family_name text?, birth_date text?, email text?, record_number text?)
-- Newest first. Rows whose key was not among the given ones come with their wrapped key instead.
WITH page AS MATERIALIZED (SELECT * FROM anamnesis.patient_page($1, $2, $3, $4, $7))
SELECT audit.about(p.id), p.status, p.revision, p.language, p.registered_at IS NOT NULL, p.created_at, p.updated_at,
       k.key IS NOT NULL,
       CASE WHEN k.key IS NULL THEN (SELECT d.wrapped_key FROM anamnesis.data_key d WHERE d.patient_id = p.id) END,
       phi.open(k.key, 'patient.given_name:' || p.id::text, p.given_name),
       phi.open(k.key, 'patient.family_name:' || p.id::text, p.family_name),
       phi.open(k.key, 'patient.birth_date:' || p.id::text, p.birth_date),
       phi.open(k.key, 'patient.email:' || p.id::text, p.email),
       phi.open(k.key, 'patient.record_number:' || p.id::text, p.record_number)
FROM page p
LEFT JOIN unnest($5::uuid[], $6::bytea[]) AS k (id, key) ON k.id = p.id
ORDER BY p.id DESC
