-- patient_claim :one (id uuid, email_indexes bytea[], record_number_indexes bytea[]) -> (shared bool, unseen bool)
-- Before a patient is stored: who else has the address or the record number.
SELECT shared, unseen FROM auth.patient_claim($1, $2, $3)
