-- index_passkeys_pick :many (after uuid, version bigint, batch bigint) -> (id text, first bytea, second bytea?)
SELECT id::text AS id, passkey_sealed AS first, NULL::bytea AS second
FROM auth.passkey
WHERE id > $1 AND auth.key_version(credential_index) <> $2
ORDER BY passkey.id
LIMIT $3
FOR UPDATE SKIP LOCKED;
