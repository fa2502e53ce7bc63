-- reset_account :one (realm text, token_hash bytea) -> (account_id uuid, practice_name text, wrapped_key bytea, with_factor bool)
-- The account that a reset's token is for.
SELECT account_id, practice_name, wrapped_key, with_factor FROM auth.reset_account($1, $2)
