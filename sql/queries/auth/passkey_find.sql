-- passkey_find :one (realm text, purpose text, challenge_hash bytea, account_id uuid?, indexes bytea[]) -> (passkey_id uuid?, account_id uuid?, handle uuid?, passkey_sealed bytea?, sign_count bigint?, backup_eligible bool?, practice_name text?, wrapped_key bytea?)
-- Spends a sign-in's challenge and finds the passkey that answers it; no row when the challenge is not good.
SELECT passkey_id, account_id, handle, passkey_sealed, sign_count, backup_eligible, practice_name, wrapped_key
FROM auth.passkey_find($1, $2, $3, $4, $5)
