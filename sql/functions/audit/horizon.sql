-- Every row below it is decided and visible, in this statement and in all later ones.
CREATE OR REPLACE FUNCTION audit.horizon() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN pg_snapshot_xmin(pg_current_snapshot())::text::bigint + audit.epoch();
GRANT EXECUTE ON FUNCTION audit.horizon() TO anamnesis_jobs;
