-- hold_end :one (password_hash text) -> (done bool)
-- Nothing is held any more.
SELECT auth.hold_end($1)
