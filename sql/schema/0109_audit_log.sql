-- The audit log by month, its seals, and who asked without being anybody.

-- One row for each access, allowed or refused. In the same transaction as what it records. No foreign keys: a row must be
-- writable about what is not there, and outlive what was there.
--
-- Position: the number of the transaction that wrote a row (pg_current_xact_id). Identity values are taken before
-- COMMIT, so a row with a small id can appear after one with a large id; whoever sealed up to an id would miss it. A
-- transaction's number is different: every row whose position is below pg_snapshot_xmin() belongs to a transaction that
-- is over, committed and visible or gone for ever; whatever is written from then on has a number above. So a seal that
-- covers all positions from the last horizon up to that one misses nothing, and nothing is ever added behind it, with
-- no lock between writers and the sealer. A transaction that stays open only delays the seal.
--
-- Partitions are by `at`, a month each, made ahead by audit.make_ready(). Should a month be missing all the same, its
-- rows go to audit.event_default: an insert never fails for want of a partition, because a failed insert is a refused
-- request. Rows that are there stay there.
--
-- Two names end in 1, because there was another table of this name in older databases, and both are to be alike.
CREATE TABLE audit.event (
    id             bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME audit.event_id_seq1),
    position       bigint NOT NULL DEFAULT audit.next_position(),
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    practice_id    uuid,
    realm          text NOT NULL CONSTRAINT event_realm_check1 CHECK (realm IN ('staff', 'patient', 'system', 'none')),
    actor_id       uuid,
    role           text,
    session_id     uuid,
    client_address text NOT NULL,
    request_id     uuid NOT NULL,
    operation      text NOT NULL,
    object_id      uuid,
    patient_ids    uuid[] NOT NULL DEFAULT '{}',
    outcome        text NOT NULL,
    detail         text,
    CONSTRAINT event_order PRIMARY KEY (position, id, at) -- the log's order
) PARTITION BY RANGE (at);
-- How audit.search() and audit.access_log() find a practice's, an actor's and a patient's rows.
CREATE INDEX event_of_practice ON audit.event (practice_id, at, id);
CREATE INDEX event_of_actor ON audit.event (actor_id, at, id);
CREATE INDEX event_of_patient ON audit.event USING gin (patient_ids);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.event
    FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.event
    FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE audit.event ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE audit.event ENABLE ALWAYS TRIGGER append_only_all;

CREATE TABLE audit.event_default PARTITION OF audit.event DEFAULT;
SELECT audit.protect_partition('event_default');

-- Seals: what lib/audit/seal.h says. `leaves` has 56 bytes for each row: position, id, time and hash, so that the first
-- wrong row can be named, and so that a month can be dropped one day and what is left still be proven.
CREATE TABLE audit.seal (
    number      bigint PRIMARY KEY CHECK (number > 0),
    horizon     bigint NOT NULL,
    rows        bigint NOT NULL CHECK (rows > 0),
    total       bigint NOT NULL CHECK (total >= rows),
    sealed_at   timestamptz NOT NULL,
    key_version integer NOT NULL CHECK (key_version > 0),
    root        bytea NOT NULL CHECK (octet_length(root) = 32),
    previous    bytea NOT NULL CHECK (octet_length(previous) = 32),
    signature   bytea NOT NULL CHECK (octet_length(signature) = 64),
    leaves      bytea NOT NULL CHECK (octet_length(leaves) = 56 * rows)
);
ALTER TABLE audit.seal ALTER COLUMN leaves SET STORAGE EXTERNAL; -- hashes do not compress
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.seal
    FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.seal
    FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE audit.seal ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE audit.seal ENABLE ALWAYS TRIGGER append_only_all;

-- Requests with tokens of no session: counted by hour and the caller's network, not one row for each. The row without a
-- network has those of all networks beyond the first ones of an hour.
CREATE TABLE audit.stranger (
    hour     timestamptz NOT NULL,
    network  text NOT NULL CHECK (length(network) <= 64),
    requests bigint NOT NULL DEFAULT 1,
    last_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (hour, network)
);
