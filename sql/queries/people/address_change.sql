-- address_change :one (realm text, link text, token_hash bytea) -> (account_id uuid, practice_name text, wrapped_key bytea)
-- Whose address a link is about ('confirm' or 'object'), while it can be used.
SELECT account_id, practice_name, wrapped_key FROM auth.address_change_of($1, $2, $3)
