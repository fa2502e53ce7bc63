-- seal_passkeys_left :one (version bigint) -> (count bigint)
SELECT count(*) FROM auth.passkey WHERE auth.key_version(passkey_sealed) <> $1;
