-- The schemas, and the type of every sealed column. Roles and pgcrypto are made by sql/bootstrap.sql; `anamnesis` is there
-- already, because `anamnesis migrate` keeps its ledger in it.
--
-- A file of this room is applied once and never changes: what comes later is a file with the next number. Its name says its
-- subject. Functions are in sql/functions/, row-level security and grants of tables in sql/policies/.

-- PostgreSQL lets everybody execute new functions. Here nobody does who was not granted it.
ALTER DEFAULT PRIVILEGES FOR ROLE anamnesis_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE SCHEMA phi;   -- sealing and opening of single values
CREATE SCHEMA auth;  -- who is acting: accounts, sessions, throttles; reached through functions only
CREATE SCHEMA audit; -- what was done: append-only

GRANT USAGE ON SCHEMA anamnesis TO anamnesis_api, anamnesis_jobs, anamnesis_auditor;
GRANT USAGE ON SCHEMA phi TO anamnesis_api;
GRANT USAGE ON SCHEMA auth TO anamnesis_api, anamnesis_jobs;
GRANT USAGE ON SCHEMA audit TO anamnesis_api, anamnesis_jobs, anamnesis_auditor;

-- The type of every sealed column (sql/functions/phi/seal.sql): what is not sealed does not fit in.
CREATE DOMAIN phi.sealed AS bytea
    CHECK (octet_length(VALUE) > 33 AND get_byte(VALUE, 0) = 1);
