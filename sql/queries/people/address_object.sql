-- address_object :one!internal (realm text, object_hash bytea, key bytea, indexes bytea[], password_hash text) -> (outcome enum(withdrawn|restored|taken)?)
-- The former address objects; see auth.address_object.
SELECT auth.address_object($1, $2, $3, $4, $5)
