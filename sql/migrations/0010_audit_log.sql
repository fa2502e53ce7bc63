-- The audit log by month, and its seals.
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

ALTER TABLE audit.event RENAME TO event_before;
ALTER TABLE audit.event_before RENAME CONSTRAINT event_pkey TO event_before_pkey;

-- What is added to transaction numbers: not 0 once the log was restored, from a dump, into a cluster that counts from a
-- smaller number (audit.make_ready sees to it). STABLE, so that it is inlined and plans notice when it is replaced.
CREATE FUNCTION audit.epoch() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN 0::bigint;

CREATE FUNCTION audit.next_position() RETURNS bigint LANGUAGE sql VOLATILE
RETURN pg_current_xact_id()::text::bigint + audit.epoch();

-- Every row below it is decided and visible, in this statement and in all later ones.
CREATE FUNCTION audit.horizon() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN pg_snapshot_xmin(pg_current_snapshot())::text::bigint + audit.epoch();
GRANT EXECUTE ON FUNCTION audit.epoch(), audit.horizon() TO anamnesis_jobs;

CREATE TABLE audit.event (
    id             bigint GENERATED ALWAYS AS IDENTITY,
    position       bigint NOT NULL DEFAULT audit.next_position(),
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    practice_id    uuid,
    realm          text NOT NULL CHECK (realm IN ('staff', 'patient', 'system', 'none')),
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

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.event
    FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.event
    FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE audit.event ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE audit.event ENABLE ALWAYS TRIGGER append_only_all;
ALTER TABLE audit.event ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.event FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON audit.event TO anamnesis_owner USING (true) WITH CHECK (true);
GRANT SELECT ON audit.event TO anamnesis_auditor, anamnesis_jobs;
CREATE POLICY auditor ON audit.event FOR SELECT TO anamnesis_auditor USING (true);
CREATE POLICY seals ON audit.event FOR SELECT TO anamnesis_jobs USING (true);

-- A partition is as protected as the whole: nobody but the owner reaches it by its own name, and neither UPDATE, DELETE
-- (a clone of the parent's trigger) nor TRUNCATE (a trigger of its own: those for statements are not cloned) gets by.
CREATE FUNCTION audit.protect_partition(p_name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('ALTER TABLE audit.%I ENABLE ROW LEVEL SECURITY', p_name);
    EXECUTE format('ALTER TABLE audit.%I FORCE ROW LEVEL SECURITY', p_name);
    EXECUTE format('CREATE POLICY owner ON audit.%I TO anamnesis_owner USING (true) WITH CHECK (true)', p_name);
    EXECUTE format('CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.%I FOR EACH STATEMENT '
                   'EXECUTE FUNCTION anamnesis.refuse_change()', p_name);
    EXECUTE format('ALTER TABLE audit.%I ENABLE ALWAYS TRIGGER append_only_all', p_name);
END
$$;

CREATE TABLE audit.event_default PARTITION OF audit.event DEFAULT;
SELECT audit.protect_partition('event_default');

-- The partition of a month, unless it is there, or rows of that month are in the default partition. Attached, not made
-- in place: that waits for nobody who writes, and nobody who writes waits for it.
CREATE FUNCTION audit.add_month(p_month date) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := 'event_' || to_char(p_month, 'YYYY_MM');
    begins timestamptz := p_month::timestamp AT TIME ZONE 'UTC';
    ends timestamptz := (p_month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    IF to_regclass('audit.' || name) IS NOT NULL
       OR EXISTS (SELECT FROM audit.event_default e WHERE e.at >= begins AND e.at < ends) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE audit.%I (LIKE audit.event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    PERFORM audit.protect_partition(name);
    EXECUTE format('ALTER TABLE audit.event ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)', name, begins, ends);
    RETURN true;
END
$$;

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
ALTER TABLE audit.seal ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.seal FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON audit.seal TO anamnesis_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON audit.seal TO anamnesis_jobs;
CREATE POLICY reads ON audit.seal FOR SELECT TO anamnesis_jobs USING (true);
CREATE POLICY seals ON audit.seal FOR INSERT TO anamnesis_jobs WITH CHECK (true);
GRANT SELECT ON audit.seal TO anamnesis_auditor;
CREATE POLICY auditor ON audit.seal FOR SELECT TO anamnesis_auditor USING (true);

-- For jobs each hour, and for every `anamnesis migrate`: makes this month's partition and the next three, and moves
-- the epoch when this cluster counts transactions from a smaller number than the log's rows or seals. Returns how many
-- partitions were made.
CREATE FUNCTION audit.make_ready() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    this_month date := date_trunc('month', now() AT TIME ZONE 'UTC');
    made integer := 0;
    used bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7020383421447828340); -- one at a time: the migrations' lock and one
    FOR ahead IN 0..3 LOOP
        IF audit.add_month((this_month + ahead * interval '1 month')::date) THEN
            made := made + 1;
        END IF;
    END LOOP;
    SELECT greatest((SELECT max(e.position) + 1 FROM audit.event e), (SELECT max(s.horizon) FROM audit.seal s)) INTO used;
    -- Here no row is ever ahead of the number that comes next.
    IF used > pg_snapshot_xmax(pg_current_snapshot())::text::bigint + audit.epoch() THEN
        EXECUTE format('CREATE OR REPLACE FUNCTION audit.epoch() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE '
                       'RETURN %s::bigint', used - pg_snapshot_xmin(pg_current_snapshot())::text::bigint);
    END IF;
    RETURN made;
END
$$;
GRANT EXECUTE ON FUNCTION audit.make_ready() TO anamnesis_jobs;

-- What is there already comes first, in the order of its ids.
DO $$
DECLARE
    month date;
    last bigint;
BEGIN
    FOR month IN
        SELECT DISTINCT date_trunc('month', b.at AT TIME ZONE 'UTC')::date FROM audit.event_before b ORDER BY 1
    LOOP
        PERFORM audit.add_month(month);
    END LOOP;
    PERFORM audit.make_ready();
    SELECT coalesce(max(b.id), 0) INTO last FROM audit.event_before b;
    INSERT INTO audit.event (id, position, at, practice_id, realm, actor_id, role, session_id, client_address, request_id,
                             operation, object_id, patient_ids, outcome, detail)
    OVERRIDING SYSTEM VALUE
    SELECT b.id, b.id - last - 1, b.at, b.practice_id, b.realm, b.actor_id, b.role, b.session_id, b.client_address,
           b.request_id, b.operation, b.object_id, b.patient_ids, b.outcome, b.detail
    FROM audit.event_before b ORDER BY b.id;
    PERFORM setval(pg_get_serial_sequence('audit.event', 'id'), last + 1, false);
END
$$;
DROP TABLE audit.event_before;
