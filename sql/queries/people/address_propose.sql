-- address_propose :one!internal (realm text, account_id uuid, id uuid, key bytea, email text, confirm_hash bytea, object_hash bytea, expires_at timestamptz) -> (outcome enum(proposed|limit|owner)?)
-- Another address for an account; see auth.address_propose.
SELECT auth.address_propose($1, $2, $3, $4, $5, $6, $7, $8)
