-- job_keys_rewrite :one () -> (count bigint)
-- Writes the table of data keys anew when keys of erased patients are left in it; how many there were.
SELECT auth.keys_rewrite() AS count
