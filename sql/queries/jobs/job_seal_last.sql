-- job_seal_last :one () -> (upto bigint, number bigint?, horizon bigint?, rows bigint?, total bigint?, sealed_at timestamptz?, key_version int?, root bytea?, previous bytea?, signature bytea?)
-- Up to where every row is decided, and the newest seal, if there is one.
SELECT audit.horizon(), s.number, s.horizon, s.rows, s.total, s.sealed_at, s.key_version, s.root, s.previous, s.signature
FROM (VALUES (1)) AS one
LEFT JOIN (SELECT * FROM audit.seal ORDER BY number DESC LIMIT 1) AS s ON true
