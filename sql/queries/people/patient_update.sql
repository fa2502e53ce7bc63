-- patient_update :one (id uuid, revision int, key bytea, given_name_given bool, given_name text?, family_name_given bool, family_name text?, birth_date text?, record_number_given bool, record_number text?, record_number_index bytea?, language_given bool, language text?) -> (revision int)
-- Changes what is given, if nobody else has changed the patient since.
UPDATE anamnesis.patient p
SET given_name = CASE WHEN $4 THEN phi.seal($3, 'patient.given_name:' || p.id::text, $5) ELSE p.given_name END,
    family_name = CASE WHEN $6 THEN phi.seal($3, 'patient.family_name:' || p.id::text, $7) ELSE p.family_name END,
    birth_date = coalesce(phi.seal($3, 'patient.birth_date:' || p.id::text, $8), p.birth_date),
    record_number = CASE WHEN $9 THEN phi.seal($3, 'patient.record_number:' || p.id::text, $10) ELSE p.record_number END,
    record_number_index = CASE WHEN $9 THEN $11 ELSE p.record_number_index END,
    language = CASE WHEN $12 THEN $13 ELSE p.language END,
    revision = p.revision + 1,
    updated_at = now()
WHERE p.practice_id = (SELECT auth.practice()) AND p.id = $1 AND p.revision = $2 AND p.status = 'active'
RETURNING p.revision
