-- patient_read :one! (id uuid, key bytea) -> (id uuid, status text, revision int, language text?, registered bool, created_at timestamptz, updated_at timestamptz, given_name text?, family_name text?, birth_date text, email text?, record_number text?)
SELECT audit.about(p.id), p.status, p.revision, p.language, p.registered_at IS NOT NULL, p.created_at, p.updated_at,
       phi.open($2, 'patient.given_name:' || p.id::text, p.given_name),
       phi.open($2, 'patient.family_name:' || p.id::text, p.family_name),
       phi.open($2, 'patient.birth_date:' || p.id::text, p.birth_date),
       phi.open($2, 'patient.email:' || p.id::text, p.email),
       phi.open($2, 'patient.record_number:' || p.id::text, p.record_number)
FROM anamnesis.patient p
WHERE p.practice_id = (SELECT auth.practice()) AND p.id = $1 AND p.status <> 'erased'
