-- recovery_use :one (realm text, account_id uuid, code_hashes bytea[]) -> (used bool)
SELECT auth.recovery_use($1, $2, $3)
