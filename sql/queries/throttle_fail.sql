-- throttle_fail :one (account bytea?, address bytea) -> (noted bool)
-- Three failures of an account are free, thirty of an address: a whole clinic may share one.
SELECT true FROM (SELECT auth.throttle_fail($1, 3), auth.throttle_fail($2, 30)) AS failed
