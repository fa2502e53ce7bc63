-- throttle_check :one (account bytea?, address bytea) -> (seconds int)
-- How long the account or the address has to wait; 0 when neither has.
SELECT greatest(auth.throttle_check($1), auth.throttle_check($2))
