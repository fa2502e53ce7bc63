-- recovery_replace :one (realm text, account_id uuid, code_hashes bytea[]) -> (replaced bool)
-- New recovery codes; all old ones end.
SELECT auth.recovery_replace($1, $2, $3) IS NULL
