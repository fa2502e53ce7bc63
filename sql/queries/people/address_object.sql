-- address_object :one (realm text, object_hash bytea, key bytea, indexes bytea[], password_hash text) -> (outcome text?)
-- The former address objects; see auth.address_object.
SELECT auth.address_object($1, $2, $3, $4, $5)
