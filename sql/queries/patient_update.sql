-- patient_update :one (id uuid, revision int, key bytea, given_name text?, family_name text?, birth_date text?, email text?, email_index bytea?, record_number_given bool, record_number text?, record_number_index bytea?, language_given bool, language text?) -> (revision int)
-- Changes what is given, if nobody else has changed the patient since.
UPDATE anamnesis.patient p
SET given_name = coalesce(phi.seal($3, 'patient.given_name:' || p.id::text, $4), p.given_name),
    family_name = coalesce(phi.seal($3, 'patient.family_name:' || p.id::text, $5), p.family_name),
    birth_date = coalesce(phi.seal($3, 'patient.birth_date:' || p.id::text, $6), p.birth_date),
    email = coalesce(phi.seal($3, 'patient.email:' || p.id::text, $7), p.email),
    email_index = coalesce($8, p.email_index),
    record_number = CASE WHEN $9 THEN phi.seal($3, 'patient.record_number:' || p.id::text, $10) ELSE p.record_number END,
    record_number_index = CASE WHEN $9 THEN $11 ELSE p.record_number_index END,
    language = CASE WHEN $12 THEN $13 ELSE p.language END,
    revision = p.revision + 1,
    updated_at = now()
WHERE p.practice_id = auth.claimed_practice() AND p.id = $1 AND p.revision = $2 AND p.status = 'active'
RETURNING p.revision
