-- held_password :one () -> (account_id uuid, password_hash text)
-- The password from before a hold, to compare with.
SELECT account_id, password_hash FROM auth.held_password(), (SELECT audit.about((SELECT auth.patient()))) AS whose
