-- response_key :one! (id uuid) -> (patient_id uuid, wrapped_key bytea)
-- The wrapped data key of the patient whose response this is.
SELECT d.patient_id, d.wrapped_key
FROM anamnesis.response r
JOIN anamnesis.data_key d ON d.patient_id = r.patient_id
WHERE r.id = $1
