-- passkey_list :many (passkey_id uuid?) -> (id uuid, revision int, passkey_sealed bytea, backup_eligible bool, backed_up bool, created_at timestamptz, last_used_at timestamptz?, doubted_at timestamptz?)
-- The signed-in account's passkeys, or one of them. A patient is named first, in whichever order the two are read: a list of none is theirs,
-- too.
SELECT k.id, k.revision, k.passkey_sealed, k.backup_eligible, k.backed_up, k.created_at, k.last_used_at, k.doubted_at
FROM (SELECT audit.about((SELECT auth.patient())) AS patient OFFSET 0) me
CROSS JOIN LATERAL (
    SELECT p.*
    FROM auth.passkeys($1) p
    WHERE me.patient IS NOT DISTINCT FROM (SELECT auth.patient())
    OFFSET 0) k
