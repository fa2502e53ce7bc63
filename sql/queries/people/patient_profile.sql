-- patient_profile :one!not-signed-in (key bytea) -> (id uuid, revision int, practice_id uuid, practice_name text, given_name text?, family_name text?, birth_date text, email text, language text?, reminders bool, required bool, totp bool, passkeys int, recovery_codes_left int, answers_held_until timestamptz?)
-- What the signed-in patient sees of herself or himself.
SELECT audit.about(p.id), p.revision, p.practice_id, c.name, phi.open($1, 'patient.given_name:' || p.id::text, p.given_name),
       phi.open($1, 'patient.family_name:' || p.id::text, p.family_name),
       phi.open($1, 'patient.birth_date:' || p.id::text, p.birth_date),
       phi.open($1, 'patient.email:' || p.id::text, p.email), p.language, p.reminders, c.patient_mfa = 'required',
       f.totp, f.passkeys, f.recovery_codes,
       auth.held_until()
FROM anamnesis.patient p
JOIN anamnesis.practice c ON c.id = p.practice_id
CROSS JOIN auth.own_factors() AS f
WHERE p.id = (SELECT auth.patient())
