-- job_seal_insert :exec (number bigint, horizon bigint, rows bigint, total bigint, sealed_at timestamptz, key_version int, root bytea, previous bytea, signature bytea, leaves bytea, door bytea)
SELECT FROM audit.seal_add($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
