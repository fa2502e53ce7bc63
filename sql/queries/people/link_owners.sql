-- link_owners :many (token_hash bytea, key_ids uuid[], keys bytea[]) -> owner
-- The owners of the practice that the holder of this link has just answered; addresses of those whose keys are given.
SELECT o.id, o.wrapped_key, o.practice_name, phi.open(k.key, 'staff.email:' || o.id::text, o.email)
FROM auth.link_owners($1) AS o
LEFT JOIN unnest($2::uuid[], $3::bytea[]) AS k (id, key) ON k.id = o.id
