-- passkey_add :one!internal (account_id uuid, passkey_id uuid, indexes bytea[], sealed bytea, sign_count bigint, backup_eligible bool, backed_up bool) -> (outcome enum(first|added|full|taken))
-- Adds a passkey: first, added, full or taken.
SELECT auth.passkey_add($1, $2, $3, $4, $5, $6, $7)
