-- seal_authenticators_pick :many (after uuid, version bigint, batch bigint) -> (id text, first bytea, second bytea?)
SELECT id::text AS id, totp_sealed AS first, totp_pending AS second
FROM auth.account
WHERE id > $1 AND (auth.key_version(totp_sealed) <> $2 OR auth.key_version(totp_pending) <> $2)
ORDER BY account.id
LIMIT $3
FOR NO KEY UPDATE SKIP LOCKED;
