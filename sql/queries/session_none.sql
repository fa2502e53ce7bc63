-- session_none :one (operation text, request_id uuid, client_address text) -> (nobody bool)
-- The first statement of a transaction without a session: nobody is acting.
SELECT auth.anonymous($1, $2, $3) IS NULL AS nobody
