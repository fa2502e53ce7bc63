-- rotation_lock :one () -> (got bool)
-- Any number will do, as long as nobody else uses it: "anamnesk" in ASCII.
SELECT pg_catalog.pg_try_advisory_lock(7020383421447828331) AS got;
