-- patient_address :one!internal (id uuid, revision int, key bytea, email text?, indexes bytea[]) -> (outcome enum(changed|same|registered)?)
-- Corrects the address of a patient who has not registered; see auth.patient_address.
SELECT auth.patient_address($1, $2, $3, $4, $5)
