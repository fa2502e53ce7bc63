-- key_retire :exec (kind text, version int)
UPDATE auth.key_check SET retired_at = coalesce(retired_at, now()) WHERE kind = $1 AND version = $2;
