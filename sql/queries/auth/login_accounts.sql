-- login_accounts :many (realm text, email_indexes bytea[]) -> (account_id uuid, practice_id uuid, password_hash text?, has_totp bool, has_passkey bool, mfa_required bool, wrapped_key bytea, generation int)
-- The accounts of an e-mail address.
SELECT account_id, practice_id, password_hash, has_totp, has_passkey, mfa_required, wrapped_key, generation
FROM auth.accounts_for_login($1, $2)
