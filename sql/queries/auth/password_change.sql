-- password_change :one (password_hash text) -> (done bool)
-- The signed-in account's new password; other sessions end.
SELECT auth.password_change($1)
