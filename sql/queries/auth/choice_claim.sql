-- choice_claim :one (token_hash bytea, realm text) -> (account_id uuid, delivery text, has_totp bool, has_passkey bool, mfa_required bool, generation int)
-- The account that was chosen.
SELECT account_id, delivery, has_totp, has_passkey, mfa_required, generation FROM auth.choice_claim($1, $2)
