-- seal_authenticators_left :one (version bigint) -> (count bigint)
SELECT count(*) FROM auth.account WHERE auth.key_version(totp_sealed) <> $1 OR auth.key_version(totp_pending) <> $1;
