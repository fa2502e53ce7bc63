-- What an administrator does once for a database, before `anamnesis migrate`: connected to that database, as a
-- superuser (or Aurora's rds_superuser). Everything else is done by anamnesis_owner, who is no superuser.
-- It can be run again at any time; it changes nothing that is as it should be. Passwords are not set here: use
-- \password, pg_hba's peer or scram, or `GRANT rds_iam TO ...`.

-- The five roles. None of them can create roles or databases, replicate, or pass by row-level security.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['anamnesis_owner', 'anamnesis_api', 'anamnesis_jobs', 'anamnesis_scan', 'anamnesis_auditor'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', name);
        END IF;
        EXECUTE format('ALTER ROLE %I LOGIN NOCREATEROLE NOCREATEDB NOINHERIT', name);
        -- pg_catalog comes first, so that nothing can stand in front of a built-in function; pg_temp is last.
        EXECUTE format('ALTER ROLE %I SET search_path = pg_catalog, anamnesis, pg_temp', name);
    END LOOP;
END
$$;

-- A client waits at most 5 s for us: no statement may take longer, and a worker that died in the middle of a
-- transaction must not keep its locks. JIT compiles for longer than our statements take.
ALTER ROLE anamnesis_api SET statement_timeout = '4s';
ALTER ROLE anamnesis_api SET lock_timeout = '3s';
ALTER ROLE anamnesis_api SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE anamnesis_api SET jit = off;
ALTER ROLE anamnesis_jobs SET statement_timeout = '60s';
ALTER ROLE anamnesis_jobs SET lock_timeout = '5s';
ALTER ROLE anamnesis_jobs SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE anamnesis_scan SET statement_timeout = '30s';
ALTER ROLE anamnesis_scan SET lock_timeout = '5s';
ALTER ROLE anamnesis_scan SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE anamnesis_scan SET jit = off;
ALTER ROLE anamnesis_auditor SET default_transaction_read_only = on;

-- Who may connect, and that nobody but the owner creates anything, temporary tables included.
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO anamnesis_api, anamnesis_jobs, anamnesis_scan, anamnesis_auditor', current_database());
    EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO anamnesis_owner', current_database());
    EXECUTE format('ALTER DATABASE %I SET timezone = %L', current_database(), 'UTC');
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- Keys travel as bind parameters: the server must not write parameters to its log, neither with slow statements
-- nor with errors. Where only the provider may set this (a parameter group), it is said, and `anamnesis doctor`
-- checks it.
DO $$
DECLARE
    setting text;
BEGIN
    FOREACH setting IN ARRAY ARRAY['log_parameter_max_length', 'log_parameter_max_length_on_error'] LOOP
        BEGIN
            EXECUTE format('ALTER DATABASE %I SET %s = 0', current_database(), setting);
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE WARNING 'set % = 0 in the server''s parameter group: this role may not', setting;
        END;
    END LOOP;
END
$$;

-- pgcrypto, in a schema that only the owner's functions reach: nobody else can have anything decrypted that did
-- not pass phi.open's check (CVE-2026-2005).
CREATE SCHEMA IF NOT EXISTS ext;
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA ext;
REVOKE ALL ON SCHEMA ext FROM PUBLIC;
GRANT USAGE ON SCHEMA ext TO anamnesis_owner;

-- What takes an administrator's rights once a patient was erased, and no more of them: this schema's owner lends it to
-- anamnesis_owner's functions (auth.keys_rewrite and its kin), which the background program calls.

-- How many transactions ago the oldest began that may still see what was deleted since: in this database, on a standby that
-- reports it, by a replication slot, or prepared.
CREATE OR REPLACE FUNCTION ext.oldest_reader_age() RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(current_setting('vacuum_defer_cleanup_age', true)::integer, 0) + greatest(
        (SELECT max(greatest(age(a.backend_xmin), age(a.backend_xid))) FROM pg_stat_activity a
         WHERE coalesce(a.datname, current_database()) = current_database()),
        (SELECT max(age(r.backend_xmin)) FROM pg_stat_replication r),
        (SELECT max(age(s.xmin)) FROM pg_replication_slots s),
        (SELECT max(age(p.transaction)) FROM pg_prepared_xacts p WHERE p.database = current_database()), 0)
$$;

-- The server goes on in another file of the write-ahead log, and says since when. One in which nothing was written yet is
-- not left, so that something is.
CREATE OR REPLACE FUNCTION ext.next_wal_file() RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_logical_emit_message(false, 'anamnesis', '');
    PERFORM pg_switch_wal();
    RETURN clock_timestamp();
END
$$;

-- After a checkpoint, which lets go of what it makes superfluous: when the file of the write-ahead log was written to that
-- has been left alone for longest. A recycled one has a new name, and its old time and content until it is used
-- (wal_recycle = off has none). NULL where the provider shows no files.
CREATE OR REPLACE FUNCTION ext.oldest_wal_file() RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    CHECKPOINT;
    RETURN (SELECT min(f.modification) FROM pg_ls_waldir() f);
EXCEPTION WHEN insufficient_privilege OR feature_not_supported THEN
    RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION ext.oldest_reader_age(), ext.next_wal_file(), ext.oldest_wal_file() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ext.oldest_reader_age(), ext.next_wal_file(), ext.oldest_wal_file() TO anamnesis_owner;
