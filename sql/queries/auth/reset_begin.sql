-- reset_begin :many (realm text, email_index bytea, token_hashes bytea[]) -> (account_id uuid, practice_id uuid, practice_name text, wrapped_key bytea, token_number int, expires_at timestamptz, shared bool)
-- Which account each of the tokens is for from now on.
SELECT account_id, practice_id, practice_name, wrapped_key, token_number, expires_at, shared FROM auth.reset_begin($1, $2, $3)
