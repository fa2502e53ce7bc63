-- recovery_replace :one (account_id uuid, code_hashes bytea[]) -> (replaced bool)
-- A patient's new recovery codes; all old ones end.
SELECT auth.recovery_replace('patient', $1, $2) IS NULL
