-- totp_begin :one (patient_id uuid, sealed bytea) -> (patient_id uuid, practice_name text)
-- Keeps a seed that is not confirmed yet; no row when one is enrolled already.
SELECT audit.about(patient_id), practice_name FROM auth.totp_begin($1, $2)
