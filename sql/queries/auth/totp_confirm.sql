-- totp_confirm :one (account_id uuid, step bigint) -> (confirmed bool)
-- The seed counts from now on; its step does not count again.
SELECT auth.totp_confirm($1, $2)
