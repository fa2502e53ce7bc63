-- choice_create :one (token_hash bytea, realm text, account_id uuid, delivery text, key bytea, generation int) -> (practice_name text, given_name text?)
-- One of several accounts that a right password fits.
SELECT practice_name, given_name FROM auth.choice_create($1, $2, $3, $4, $5, $6)
