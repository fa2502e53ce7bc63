-- totp_accept :one (realm text, account_id uuid, step bigint) -> (accepted bool)
-- A step is accepted once, also in a race.
SELECT auth.totp_accept($1, $2, $3)
