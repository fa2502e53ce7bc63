-- key_check_count :one () -> (count bigint)
SELECT count(*) FROM auth.key_check WHERE retired_at IS NULL;
