-- job_keys_pass :one () -> (count bigint)
-- Has the server go on in another file of the write-ahead log, when a rewrite was before it; how many erasures wait for that.
SELECT auth.keys_pass() AS count
