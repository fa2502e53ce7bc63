-- staff_register :one (token_hash bytea, password_hash text) -> (done bool)
-- Spends the link; false when another request was faster.
SELECT auth.staff_register($1, $2)
