-- passkey_begin :many (realm text, purpose text, challenge_hash bytea, token_hash bytea?) -> (account_id uuid?, handle uuid?, practice_name text?, wrapped_key bytea?, passkey_id uuid?, passkey_sealed bytea?)
-- Notes a challenge; gives whose it is, a row for each of the account's passkeys, or one without.
SELECT account_id, handle, practice_name, wrapped_key, passkey_id, passkey_sealed FROM auth.passkey_begin($1, $2, $3, $4)
