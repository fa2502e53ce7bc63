-- account_insert :exec (id uuid, practice_id uuid, password_hash text, totp_sealed bytea)
INSERT INTO auth.account (id, practice_id, realm, password_hash, totp_sealed)
VALUES ($1, $2, 'staff', $3, $4);
