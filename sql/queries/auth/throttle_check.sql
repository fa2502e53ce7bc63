-- throttle_check :one (realm text?, email_indexes bytea[], account_id uuid?, key bytea?, device bytea?, address bytea, network bytea?, site bytea?) -> (seconds int, known bool)
-- How long this try has to wait, and whether it is from where the account was signed in to before.
SELECT seconds, known FROM auth.throttle_check($1, $2, $3, $4, $5, $6, $7, $8)
