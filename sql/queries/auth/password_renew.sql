-- password_renew :one (realm text, account_id uuid, old text, new text) -> (renewed bool)
-- The same password, hashed with the current pepper and costs.
SELECT auth.password_renew($1, $2, $3, $4)
