-- session_prove :one (realm text, token_hash bytea, roles int, operation text, request_id uuid, client_address text) -> (practice_id uuid, actor_id uuid, role text, session_id uuid, wrapped_key bytea?, expires_at timestamptz)
-- The first statement of a transaction with a session: proves it, and sets the actor for row-level security.
SELECT practice_id, actor_id, role, session_id, wrapped_key, expires_at
FROM auth.prove($1, $2, $3, $4, $5, $6)
