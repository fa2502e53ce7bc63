-- totp_begin :one (account_id uuid, sealed bytea) -> (account_id uuid, practice_name text, wrapped_key bytea)
-- Keeps a seed that is not confirmed yet; no row when one is enrolled already and the session is not fresh.
SELECT account_id, practice_name, wrapped_key FROM auth.totp_begin($1, $2)
