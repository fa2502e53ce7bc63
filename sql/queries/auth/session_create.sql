-- session_create :one (challenge_hash bytea?, realm text, account_id uuid, token_hash bytea, client_address text, user_agent text?, generation int?) -> (session_id uuid?)
-- A session for an account that has proven who it is; ends the challenge, if there was one.
SELECT auth.session_create($1, $2, $3, $4, $5, $6, $7)
