-- patient_key :one (id uuid) -> (wrapped_key bytea)
-- The wrapped data key of a patient whom the actor may see.
SELECT wrapped_key FROM anamnesis.patient WHERE id = $1 AND wrapped_key IS NOT NULL
