-- throttle_fail :one (account bytea?, address bytea) -> (noted bool)
-- Three failures of an account are free, thirty of an address: a whole clinic may share one.
SELECT auth.throttle_fail($1, 3) IS NULL OR auth.throttle_fail($2, 30) IS NULL
