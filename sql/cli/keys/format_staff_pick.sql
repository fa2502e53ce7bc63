-- format_staff_pick :many (after uuid, version bigint, batch bigint) -> (id text, first bytea, second bytea?)
SELECT id::text AS id, wrapped_key AS first, NULL::bytea AS second
FROM anamnesis.staff
WHERE id > $1 AND sealed_format = 1 AND $2 IS NOT NULL
ORDER BY staff.id
LIMIT $3
FOR NO KEY UPDATE SKIP LOCKED;
