-- key_checks :many () -> (kind text, version text, value bytea)
SELECT kind, version::text, value FROM auth.key_check WHERE retired_at IS NULL ORDER BY kind, version;
