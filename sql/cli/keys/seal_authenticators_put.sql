-- seal_authenticators_put :exec (ids text, first text, second text)
UPDATE auth.account t SET totp_sealed = n.first, totp_pending = n.second
FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, first, second)
WHERE t.id = n.id;
