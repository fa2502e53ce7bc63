-- session_end :one () -> (ended bool)
-- The present session ends.
SELECT auth.session_end() IS NULL
