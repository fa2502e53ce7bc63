-- index_passkeys_left :one (version bigint) -> (count bigint)
SELECT count(*) FROM auth.passkey WHERE auth.key_version(credential_index) <> $1;
