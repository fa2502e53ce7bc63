-- challenge_claim :one (token_hash bytea, realm text, purpose text) -> (account_id uuid, practice_id uuid, delivery text, totp_sealed bytea?, totp_pending bytea?, totp_step bigint)
-- One try of an unfinished sign-in; no row when it is unknown, too old, used or out of tries.
SELECT account_id, practice_id, delivery, totp_sealed, totp_pending, totp_step FROM auth.challenge_claim($1, $2, $3)
