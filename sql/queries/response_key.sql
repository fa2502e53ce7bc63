-- response_key :one (id uuid) -> (patient_id uuid, wrapped_key bytea)
-- The wrapped data key of the patient whose response this is.
SELECT p.id, p.wrapped_key
FROM anamnesis.response r
JOIN anamnesis.patient p ON p.id = r.patient_id
WHERE r.id = $1 AND p.wrapped_key IS NOT NULL
