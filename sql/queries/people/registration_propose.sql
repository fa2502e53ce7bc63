-- registration_propose :one!internal (token_hash bytea, id uuid, key bytea, email text, confirm_hash bytea, password_hash text, expires_at timestamptz) -> (outcome enum(proposed|limit)?)
-- Registering with an address of one's own; see auth.registration_propose.
SELECT auth.registration_propose($1, $2, $3, $4, $5, $6, $7)
