-- Schemas, and what every later migration relies on. Roles and pgcrypto are made by sql/bootstrap.sql.
-- `anamnesis` (tables) exists already: `anamnesis migrate` keeps its ledger there.

-- PostgreSQL lets everybody execute new functions. Here nobody does who was not granted it.
ALTER DEFAULT PRIVILEGES FOR ROLE anamnesis_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE SCHEMA phi;   -- sealing and opening of single values
CREATE SCHEMA auth;  -- who is acting: accounts, sessions, throttles; reached through functions only
CREATE SCHEMA audit; -- what was done: append-only

GRANT USAGE ON SCHEMA anamnesis TO anamnesis_api, anamnesis_jobs, anamnesis_auditor;
GRANT USAGE ON SCHEMA phi TO anamnesis_api;
GRANT USAGE ON SCHEMA auth TO anamnesis_api, anamnesis_jobs;
GRANT USAGE ON SCHEMA audit TO anamnesis_api, anamnesis_jobs, anamnesis_auditor;

-- UUID version 7 (RFC 9562 section 5.7) for rows that the application does not name itself: 48 bits of
-- milliseconds, then the random bits of a version 4, with the version's two lowest bits turned on (4 -> 7).
CREATE FUNCTION anamnesis.uuid_v7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN encode(
    set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
        52, 1), 53, 1), 'hex')::uuid;
GRANT EXECUTE ON FUNCTION anamnesis.uuid_v7() TO anamnesis_api, anamnesis_jobs;

-- For triggers: what must never change again, whoever asks, a superuser and a replica's session included
-- (the triggers are ENABLE ALWAYS).
CREATE FUNCTION anamnesis.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'AN409',
        MESSAGE = format('%s of %s.%s is refused: it is kept as it was written',
                         TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME);
END
$$;
