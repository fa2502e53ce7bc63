-- Made once, and not applied again: audit.make_ready() writes another number when the log was restored into another cluster.
-- What is added to transaction numbers: not 0 once the log was restored, from a dump, into a cluster that counts from a
-- smaller number. STABLE, so that it is inlined and plans notice when it is replaced.
CREATE OR REPLACE FUNCTION audit.epoch() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN 0::bigint;
GRANT EXECUTE ON FUNCTION audit.epoch() TO anamnesis_jobs;
