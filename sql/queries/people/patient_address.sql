-- patient_address :one (id uuid, revision int, key bytea, email text?, indexes bytea[]) -> (outcome text?)
-- Corrects the address of a patient who has not registered; see auth.patient_address.
SELECT auth.patient_address($1, $2, $3, $4, $5)
