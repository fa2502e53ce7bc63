-- totp_confirm :one (patient_id uuid, step bigint) -> (confirmed bool)
-- The seed counts from now on; its step does not count again.
SELECT auth.totp_confirm(audit.about($1), $2)
