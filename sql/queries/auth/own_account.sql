-- own_account :one!not-signed-in () -> (account_id uuid, practice_id uuid, practice_name text, password_hash text, totp_sealed bytea?, totp_pending bytea?, totp_step bigint, mfa_required bool, has_factor bool)
-- The signed-in account, to ask for its password or second factor again.
SELECT account_id, practice_id, practice_name, password_hash, totp_sealed, totp_pending, totp_step, mfa_required, has_factor
FROM auth.own_account() AS own, (SELECT audit.about((SELECT auth.patient()))) AS whose
