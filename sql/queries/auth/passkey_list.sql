-- passkey_list :many (passkey_id uuid?) -> (id uuid, revision int, passkey_sealed bytea, backup_eligible bool, backed_up bool, created_at timestamptz, last_used_at timestamptz?, doubted_at timestamptz?)
-- The signed-in account's passkeys, or one of them.
SELECT id, revision, passkey_sealed, backup_eligible, backed_up, created_at, last_used_at, doubted_at
FROM auth.passkeys($1), (SELECT audit.about((SELECT auth.patient()))) AS whose
