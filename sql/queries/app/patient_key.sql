-- patient_key :one! (id uuid) -> (wrapped_key bytea)
-- The wrapped data key of a patient whom the actor may see.
SELECT wrapped_key FROM anamnesis.data_key WHERE patient_id = $1
