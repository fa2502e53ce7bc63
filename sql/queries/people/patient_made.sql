-- patient_made :one!internal (id uuid) -> (revision int, created_at timestamptz)
-- Of a patient who was recorded just now.
SELECT revision, created_at FROM anamnesis.patient WHERE practice_id = (SELECT auth.practice()) AND id = $1
