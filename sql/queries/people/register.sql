-- register :one (token_hash bytea, password_hash text) -> (patient_id uuid?)
-- Spends the invitation and sets the password; NULL when another request was faster.
SELECT auth.register($1, $2)
