-- key_use :exec (kind text, version int)
UPDATE auth.key_check SET in_use_since = coalesce(in_use_since, now()) WHERE kind = $1 AND version = $2;
