-- index_staff_pick :many (after uuid, version bigint, batch bigint) -> (id text, first bytea, second bytea?)
SELECT id::text AS id, wrapped_key AS first, NULL::bytea AS second
FROM anamnesis.staff
WHERE id > $1 AND wrapped_key IS NOT NULL AND auth.key_version(email_index) <> $2
ORDER BY staff.id
LIMIT $3
FOR UPDATE SKIP LOCKED;
