-- reset_address :one (realm text, token_hash bytea, key bytea) -> (email text)
-- Its e-mail address, opened with the account's own key.
SELECT phi.open($3, CASE $1 WHEN 'staff' THEN 'staff' ELSE 'patient' END || '.email:' || account_id::text, email)
FROM auth.reset_account($1, $2)
