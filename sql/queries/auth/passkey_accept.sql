-- passkey_accept :one (account_id uuid, passkey_id uuid, sign_count bigint, backed_up bool, verified bool) -> (accepted bool)
-- What it signed was right: it counts as a second factor in this transaction.
SELECT auth.passkey_accept($1, $2, $3, $4, $5)
