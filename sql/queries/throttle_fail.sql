-- throttle_fail :one (account bytea?, address bytea) -> (noted bool)
-- Three failures of an account are free, thirty of an address: a whole clinic may share one.
SELECT true FROM (SELECT auth.throttle_fail($1, $2)) AS failed
