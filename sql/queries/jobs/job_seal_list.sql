-- job_seal_list :many (since bigint, most int) -> (number bigint, horizon bigint, rows bigint, total bigint, sealed_at timestamptz, key_version int, root bytea, previous bytea, signature bytea)
-- Seals from this number on, for the checkpoints.
SELECT s.number, s.horizon, s.rows, s.total, s.sealed_at, s.key_version, s.root, s.previous, s.signature
FROM audit.seal s
WHERE s.number >= $1
ORDER BY s.number
LIMIT $2
