-- passkey_spend :one (realm text, purpose text, challenge_hash bytea, account_id uuid) -> (good bool)
-- Spends a challenge that was given to the account; good once, and in time.
SELECT auth.passkey_spend($1, $2, $3, $4)
