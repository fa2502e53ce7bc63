-- reset_address :one (realm text, token_hash bytea, key bytea) -> (email text, given_name text?)
-- Its e-mail address, and a patient's given name, opened with the account's own key.
SELECT phi.open($3, CASE $1 WHEN 'staff' THEN 'staff' ELSE 'patient' END || '.email:' || account_id::text, email),
       phi.open($3, 'patient.given_name:' || account_id::text, given_name)
FROM auth.reset_account($1, $2)
