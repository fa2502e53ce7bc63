-- passkey_person :one (account_id uuid, key bytea) -> (email text)
-- The e-mail address of an account whose ceremony is under way, opened with its own key.
SELECT phi.open($2, p.realm || '.email:' || p.account_id::text, p.email) FROM auth.passkey_person($1) AS p
