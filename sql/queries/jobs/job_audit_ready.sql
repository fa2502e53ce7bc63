-- job_audit_ready :one () -> (made int)
-- Makes the partitions of the coming months.
SELECT audit.make_ready() AS made
