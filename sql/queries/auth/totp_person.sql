-- totp_person :one!internal (account_id uuid, key bytea) -> (email text)
-- The address by which an authenticator app tells one account from the others.
SELECT phi.open($2, p.realm || '.email:' || p.account_id::text, p.email) FROM auth.totp_person($1) AS p
