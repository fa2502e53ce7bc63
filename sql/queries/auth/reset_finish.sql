-- reset_finish :one (realm text, token_hash bytea, password_hash text) -> (done bool)
-- The new password; every session ends.
SELECT auth.reset_finish($1, $2, $3)
