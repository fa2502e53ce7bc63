-- throttle_clear :one (realm text, email_indexes bytea[], account_id uuid?, key bytea, device bytea?, address bytea) -> (cleared bool)
-- Forgets failures.
SELECT auth.throttle_clear($1, $2, $3, $4, $5, $6) IS NULL
