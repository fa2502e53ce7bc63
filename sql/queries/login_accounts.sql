-- login_accounts :many (realm text, email_index bytea) -> (account_id uuid, practice_id uuid, password_hash text?, has_totp bool, has_passkey bool, mfa_required bool)
-- The accounts of an e-mail address: one of staff, or at most four of patients (one a practice).
SELECT account_id, practice_id, password_hash, has_totp, has_passkey, mfa_required FROM auth.accounts_for_login($1, $2)
