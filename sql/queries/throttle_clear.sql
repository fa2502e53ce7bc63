-- throttle_clear :one (account bytea) -> (cleared bool)
SELECT auth.throttle_clear($1) IS NULL
