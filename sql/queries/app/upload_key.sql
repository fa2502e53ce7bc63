-- upload_key :one! (id uuid) -> (patient_id uuid, wrapped_key bytea?)
-- The wrapped data key of the patient whose file this is; null when the patient was erased.
SELECT u.patient_id, d.wrapped_key
FROM anamnesis.upload u
LEFT JOIN anamnesis.data_key d ON d.patient_id = u.patient_id
WHERE u.id = $1
