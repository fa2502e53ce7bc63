-- passkey_rename :one (passkey_id uuid, revision int, sealed bytea) -> (revision int?)
-- Another name; NULL when the revision is stale.
SELECT auth.passkey_rename($1, $2, $3)
