-- totp_state :one () -> (patient_id uuid, practice_id uuid, totp_sealed bytea?, totp_pending bytea?)
-- The signed-in patient's authenticator app.
SELECT audit.about(patient_id), practice_id, totp_sealed, totp_pending FROM auth.totp_state()
