-- staff_readdress :one!internal (id uuid, key bytea, email text, indexes bytea[], token_hash bytea, expires_at timestamptz) -> (outcome enum(invited|taken)?)
-- Corrects the address of somebody who has not joined yet; see auth.staff_readdress.
SELECT auth.staff_readdress($1, $2, $3, $4, $5, $6)
