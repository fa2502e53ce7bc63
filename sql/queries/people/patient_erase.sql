-- patient_erase :one (id uuid, revision int) -> (erased bool)
-- The data key is destroyed, and everything that would still say who it was.
SELECT auth.patient_erase($1, $2)
