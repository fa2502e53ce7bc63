-- totp_remove :one () -> (removed bool)
-- The signed-in patient goes on without a second factor.
SELECT auth.totp_remove() FROM (SELECT audit.about(auth.patient())) AS whose
