-- address_confirm :one!internal (realm text, confirm_hash bytea, key bytea, indexes bytea[], again_hash bytea) -> (outcome enum(confirmed|taken)?)
-- The new address counts; see auth.address_confirm.
SELECT auth.address_confirm($1, $2, $3, $4, $5)
