-- totp_remove :one!internal () -> (outcome enum(removed|last|none))
-- The signed-in account goes on without an authenticator app: removed, none or last.
SELECT auth.totp_remove() FROM (SELECT audit.about((SELECT auth.patient()))) AS whose
