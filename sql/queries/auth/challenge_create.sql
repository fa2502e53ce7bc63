-- challenge_create :one (token_hash bytea, realm text, account_id uuid, purpose text, delivery text, expires_at timestamptz, generation int) -> (created bool)
SELECT auth.challenge_create($1, $2, $3, $4, $5, $6, $7)
