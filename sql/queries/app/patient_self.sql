-- patient_self :one!not-signed-in (key bytea) -> (id uuid, practice_id uuid, practice_name text, given_name text?, family_name text?, email text, language text?)
-- The signed-in patient.
SELECT audit.about(p.id), p.practice_id, c.name, phi.open($1, 'patient.given_name:' || p.id::text, p.given_name),
       phi.open($1, 'patient.family_name:' || p.id::text, p.family_name),
       phi.open($1, 'patient.email:' || p.id::text, p.email), p.language
FROM anamnesis.patient p
JOIN anamnesis.practice c ON c.id = p.practice_id
WHERE p.id = (SELECT auth.patient())
