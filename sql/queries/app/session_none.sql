-- session_none :one (operation text, request_id uuid, client_address text, door bytea) -> (nobody bool)
-- The first statement of a transaction without a session: nobody is acting. The door shows that the caller has the keyring.
SELECT auth.anonymous($1, $2, $3, $4) IS NULL AS nobody
