-- invitation_by_token :one (token_hash bytea) -> (invitation_id uuid, patient_id uuid, wrapped_key bytea, practice_name text, mfa_required bool, expires_at timestamptz)
-- An invitation that can be used now, locked: guesses at the birth date are counted one by one.
SELECT invitation_id, patient_id, wrapped_key, practice_name, mfa_required, expires_at
FROM auth.invitation_by_token($1)
