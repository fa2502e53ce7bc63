-- key_in_use :one (kind text, version int) -> (found int)
SELECT 1 AS found FROM auth.key_check WHERE kind = $1 AND version = $2 AND in_use_since IS NOT NULL;
