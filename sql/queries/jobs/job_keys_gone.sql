-- job_keys_gone :one () -> (count bigint)
-- Notes in the audit log the keys of which nothing is left, and how many there were.
SELECT auth.keys_gone() AS count
