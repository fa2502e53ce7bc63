-- job_seal_lock :one () -> (locked bool)
-- One sealer at a time, until the end of the transaction; false when another one is at it.
SELECT pg_try_advisory_xact_lock(7020383421447828341) AS locked
