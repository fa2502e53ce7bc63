-- session_step_up :one!internal (token_hash bytea) -> (fresh_until timestamptz)
-- The present session goes on under a new token, fresh for five minutes.
SELECT auth.session_step_up($1)
