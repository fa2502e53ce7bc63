-- key_known :one (kind text) -> (found int)
SELECT 1 AS found FROM auth.key_check
WHERE kind = $1 AND retired_at IS NULL AND (kind NOT IN ('pepper', 'audit') OR door IS NOT NULL)
LIMIT 1;
