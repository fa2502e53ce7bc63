-- lock_migrations :exec ()
-- Any number will do, as long as nobody else uses it: "anamnesi" in ASCII.
SELECT pg_catalog.pg_advisory_lock(7020383421447828339);
