-- patient_archive :one (id uuid, revision int, archived bool) -> (revision int?)
-- Archived, or taken up again; NULL when it is in that state already, or was changed since.
SELECT auth.patient_archive($1, $2, $3)
