-- key_register :one (kind text, version int, value bytea, in_use bool, door bytea?) -> (done int)
-- No row: the database knows another key under this number.
INSERT INTO auth.key_check AS k (kind, version, value, in_use_since, door)
VALUES ($1, $2, $3, CASE WHEN $4 THEN now() END, $5)
ON CONFLICT (kind, version) DO UPDATE SET door = excluded.door
WHERE k.value = excluded.value AND k.retired_at IS NULL
RETURNING 1 AS done;
