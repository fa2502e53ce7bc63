-- index_passkeys_put :exec (ids text, first text, second text)
UPDATE auth.passkey t SET credential_index = n.first
FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, first, second)
WHERE t.id = n.id;
