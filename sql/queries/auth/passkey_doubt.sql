-- passkey_doubt :exec (account_id uuid, passkey_id uuid)
-- Its count went back.
SELECT FROM auth.passkey_doubt($1, $2)
