-- throttle_fail :one (realm text?, email_indexes bytea[], account_id uuid?, key bytea?, device bytea?, address bytea, network bytea?, site bytea?) -> (noted bool)
-- Notes a failed try.
SELECT true FROM (SELECT auth.throttle_fail($1, $2, $3, $4, $5, $6, $7, $8)) AS failed
