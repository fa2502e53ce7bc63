-- A database of version 55: the last one before sql/schema/ was written anew, as pg_dump gave it, and a few rows.
-- Values are invented; there is nothing of a key in it, nor of a person. Tests restore it as the superuser (tests/sql/test_upgrade.py).

SET search_path = '';
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA anamnesis;

ALTER SCHEMA anamnesis OWNER TO anamnesis_owner;

CREATE SCHEMA audit;

ALTER SCHEMA audit OWNER TO anamnesis_owner;

CREATE SCHEMA auth;

ALTER SCHEMA auth OWNER TO anamnesis_owner;

CREATE SCHEMA phi;

ALTER SCHEMA phi OWNER TO anamnesis_owner;

CREATE DOMAIN phi.sealed AS bytea
    CONSTRAINT sealed_check CHECK (((octet_length(VALUE) > 33) AND (get_byte(VALUE, 0) = 1)));

ALTER DOMAIN phi.sealed OWNER TO anamnesis_owner;

CREATE FUNCTION anamnesis.assignment_moves() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF OLD.version <> NEW.version AND NOT (
        NEW.version > OLD.version AND OLD.status IN ('assigned', 'in-progress')
        AND auth.patient() IS NOT DISTINCT FROM OLD.patient_id
        AND EXISTS (SELECT FROM anamnesis.questionnaire_version v
                    WHERE v.questionnaire_id = OLD.questionnaire_id AND v.version = NEW.version
                      AND v.on_drafts = 'migrate'))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'AN409',
            MESSAGE = 'an assignment moves only to a newer version that takes drafts over, and only by its patient';
    END IF;
    RETURN NEW;
END
$$;

ALTER FUNCTION anamnesis.assignment_moves() OWNER TO anamnesis_owner;

CREATE FUNCTION anamnesis.outbox_spoken() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    SELECT concat_ws(', ', p.language, c.language), c.time_zone INTO NEW.languages, NEW.time_zone
    FROM anamnesis.practice c
    LEFT JOIN anamnesis.patient p ON p.practice_id = c.id AND p.id = NEW.patient_id AND NOT NEW.for_staff
    WHERE c.id = NEW.practice_id;
    RETURN NEW;
END
$$;

ALTER FUNCTION anamnesis.outbox_spoken() OWNER TO anamnesis_owner;

CREATE FUNCTION anamnesis.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'AN409',
        MESSAGE = format('%s of %s.%s is refused: it is kept as it was written',
                         TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME);
END
$$;

ALTER FUNCTION anamnesis.refuse_change() OWNER TO anamnesis_owner;

CREATE FUNCTION anamnesis.time_zone_known(p_name text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN ((p_name ~ '^[A-Z][A-Za-z0-9+_-]*(/[A-Za-z0-9+_-]+)*$'::text) AND (p_name <> 'Factory'::text) AND (EXISTS (SELECT FROM pg_timezone_names z WHERE (z.name = time_zone_known.p_name))));

ALTER FUNCTION anamnesis.time_zone_known(p_name text) OWNER TO anamnesis_owner;

CREATE FUNCTION anamnesis.uuid_v7() RETURNS uuid
    LANGUAGE sql PARALLEL SAFE
    RETURN (encode(set_bit(set_bit(OVERLAY(uuid_send(gen_random_uuid()) PLACING SUBSTRING(int8send(((EXTRACT(epoch FROM clock_timestamp()) * (1000)::numeric))::bigint) FROM 3) FROM 1 FOR 6), (52)::bigint, 1), (53)::bigint, 1), 'hex'::text))::uuid;

ALTER FUNCTION anamnesis.uuid_v7() OWNER TO anamnesis_owner;

CREATE FUNCTION audit.about(patient uuid) RETURNS uuid
    LANGUAGE plpgsql
    AS $$
DECLARE
    named text := current_setting('anamnesis.patients', true);
    dummy text;
BEGIN
    IF patient IS NULL THEN
        RETURN NULL;
    ELSIF named IS NULL OR named = '' THEN
        dummy := set_config('anamnesis.patients', patient::text, true);
    ELSIF strpos(named, patient::text) = 0 THEN
        dummy := set_config('anamnesis.patients', named || ',' || patient::text, true);
    END IF;
    RETURN patient;
END
$$;

ALTER FUNCTION audit.about(patient uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION audit.access_log(p_before_at timestamp with time zone, p_before_id bigint, p_fetch integer) RETURNS TABLE(id bigint, at timestamp with time zone, realm text, actor_id uuid, role text, operation text, detail text, wrapped_key bytea, name bytea, glass_id uuid, reason bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    patient uuid := audit.about(auth.patient());
    practice uuid := auth.practice();
    before_at timestamptz := coalesce(p_before_at, 'infinity');
    before_id bigint := coalesce(p_before_id, 9223372036854775807);
BEGIN
    RETURN QUERY
    WITH found AS MATERIALIZED (
        SELECT e.id, e.at, e.practice_id, e.realm, e.actor_id, e.role, e.operation, e.detail, e.outcome
        FROM audit.event e WHERE e.patient_ids @> ARRAY[patient] AND e.at <= before_at),
    page AS (
        SELECT f.* FROM found f
        WHERE f.practice_id = practice AND f.realm IN ('staff', 'system') AND f.outcome IN ('ok', 'replayed')
          AND (f.at, f.id) < (before_at, before_id)
        ORDER BY f.at DESC, f.id DESC LIMIT p_fetch)
    SELECT p.id, p.at, p.realm, p.actor_id, p.role, p.operation, p.detail, s.wrapped_key, s.name::bytea,
           g.id, g.reason::bytea
    FROM page p
    LEFT JOIN anamnesis.staff s ON s.id = p.actor_id AND s.practice_id = practice
    LEFT JOIN LATERAL (
        SELECT b.id, b.reason FROM anamnesis.break_glass b
        WHERE b.practice_id = practice AND b.patient_id = patient AND b.staff_id = p.actor_id AND b.opened_at <= p.at
        ORDER BY b.id DESC LIMIT 1) g ON p.detail = 'break-glass'
    ORDER BY p.at DESC, p.id DESC;
END
$$;

ALTER FUNCTION audit.access_log(p_before_at timestamp with time zone, p_before_id bigint, p_fetch integer) OWNER TO anamnesis_owner;

CREATE FUNCTION audit.add_month(p_month date) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION audit.add_month(p_month date) OWNER TO anamnesis_owner;

CREATE FUNCTION audit.close(object uuid, outcome text, kind text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    named uuid[] := string_to_array(coalesce(current_setting('anamnesis.patients', true), ''), ',')::uuid[];
BEGIN
    IF kind = 'none' THEN
        RETURN;
    ELSIF kind = 'patient' AND named = '{}' THEN
        RAISE EXCEPTION USING ERRCODE = 'AN404', MESSAGE = 'no patient was found';
    ELSIF kind IS NULL OR kind NOT IN ('event', 'patient', 'patients') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'there is no such kind of audit row';
    END IF;
    INSERT INTO audit.event (practice_id, realm, actor_id, role, session_id, client_address, request_id, operation,
                             object_id, patient_ids, outcome, detail)
    SELECT a.practice_id, a.realm, a.actor_id, a.role, a.session_id, a.client_address, a.request_id, a.operation,
           close.object, named, close.outcome,
           CASE WHEN named <> '{}' AND a.realm = 'staff' AND NOT a.sees_all AND auth.through_glass(named) THEN 'break-glass' END
    FROM auth.acting a;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'nobody has said who acts: auth.prove() comes first';
    END IF;
END
$$;

ALTER FUNCTION audit.close(object uuid, outcome text, kind text) OWNER TO anamnesis_owner;

CREATE FUNCTION audit.drop_month(p_month date, p_years integer, p_rows bigint, p_seal bigint, p_signature bytea, p_request_id uuid, p_note text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
    begins date := date_trunc('month', p_month::timestamp);
    name text := 'event_' || to_char(begins, 'YYYY_MM');
    ends timestamp := begins + interval '1 month';
    sealed_to bigint;
    found bigint;
    behind bigint;
BEGIN
    IF ends + make_interval(years => greatest(p_years, 6)) > now() AT TIME ZONE 'UTC' THEN
        RETURN 'too-young';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = 'audit.event'::regclass
                   AND i.inhrelid = to_regclass('audit.' || name)) THEN
        RETURN 'no-partition';
    END IF;
    SELECT s.horizon INTO sealed_to FROM audit.seal s WHERE s.number = p_seal AND s.signature = p_signature;
    IF sealed_to IS NULL THEN
        RETURN 'other-log';
    END IF;
    EXECUTE format('LOCK TABLE audit.%I IN SHARE MODE', name); -- nothing is added after it was counted
    EXECUTE format('SELECT count(*), count(*) FILTER (WHERE e.position >= $1) FROM audit.%I e', name)
        INTO found, behind USING sealed_to;
    IF behind > 0 THEN
        RETURN 'not-sealed';
    END IF;
    IF found <> p_rows THEN
        RETURN 'rows-differ';
    END IF;
    EXECUTE format('ALTER TABLE audit.event DETACH PARTITION audit.%I', name);
    EXECUTE format('DROP TABLE audit.%I', name);
    INSERT INTO audit.event (realm, client_address, request_id, operation, outcome, detail)
    VALUES ('system', 'local', p_request_id, 'audit_drop', 'ok', p_note);
    RETURN NULL;
END
$_$;

ALTER FUNCTION audit.drop_month(p_month date, p_years integer, p_rows bigint, p_seal bigint, p_signature bytea, p_request_id uuid, p_note text) OWNER TO anamnesis_owner;

CREATE FUNCTION audit.epoch() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (0)::bigint;

ALTER FUNCTION audit.epoch() OWNER TO anamnesis_owner;

CREATE FUNCTION audit.horizon() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (((pg_snapshot_xmin(pg_current_snapshot()))::text)::bigint + audit.epoch());

ALTER FUNCTION audit.horizon() OWNER TO anamnesis_owner;

CREATE FUNCTION audit.make_ready() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION audit.make_ready() OWNER TO anamnesis_owner;

CREATE FUNCTION audit.named() RETURNS uuid[]
    LANGUAGE sql STABLE
    RETURN COALESCE((string_to_array(NULLIF(current_setting('anamnesis.patients'::text, true), ''::text), ','::text))::uuid[], '{}'::uuid[]);

ALTER FUNCTION audit.named() OWNER TO anamnesis_owner;

CREATE FUNCTION audit.next_position() RETURNS bigint
    LANGUAGE sql
    RETURN (((pg_current_xact_id())::text)::bigint + audit.epoch());

ALTER FUNCTION audit.next_position() OWNER TO anamnesis_owner;

CREATE FUNCTION audit.note_stranger(p_network text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    this_hour timestamptz := date_trunc('hour', now());
    counted text := left(coalesce(p_network, ''), 64);
BEGIN
    UPDATE audit.stranger s SET requests = s.requests + 1, last_at = now() WHERE s.hour = this_hour AND s.network = counted;
    IF FOUND THEN
        RETURN;
    ELSIF (SELECT count(*) FROM audit.stranger s WHERE s.hour = this_hour) >= 256 THEN
        counted := '';
    END IF;
    INSERT INTO audit.stranger AS s (hour, network) VALUES (this_hour, counted)
    ON CONFLICT (hour, network) DO UPDATE SET requests = s.requests + 1, last_at = now();
END
$$;

ALTER FUNCTION audit.note_stranger(p_network text) OWNER TO anamnesis_owner;

CREATE FUNCTION audit.protect_partition(p_name text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION audit.protect_partition(p_name text) OWNER TO anamnesis_owner;

CREATE FUNCTION audit.refused(p_realm text, p_token_hash bytea, p_object uuid, p_outcome text, p_network text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM auth.begun(NULL);
    INSERT INTO audit.event (practice_id, realm, actor_id, role, session_id, client_address, request_id, operation,
                             object_id, patient_ids, outcome)
    SELECT s.practice_id, s.realm, s.account_id, CASE s.realm WHEN 'patient' THEN 'patient' ELSE m.role END, s.id,
           a.client_address, a.request_id, a.operation, p_object,
           CASE s.realm WHEN 'patient' THEN ARRAY[s.account_id] ELSE '{}'::uuid[] END, p_outcome
    FROM auth.acting a
    JOIN auth.session s ON s.token_hash = p_token_hash AND s.realm = p_realm
    LEFT JOIN anamnesis.staff m ON m.id = s.account_id;
    IF NOT FOUND THEN
        PERFORM audit.note_stranger(p_network);
    END IF;
END
$$;

ALTER FUNCTION audit.refused(p_realm text, p_token_hash bytea, p_object uuid, p_outcome text, p_network text) OWNER TO anamnesis_owner;

CREATE TABLE audit.event (
    id bigint NOT NULL,
    "position" bigint DEFAULT audit.next_position() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    practice_id uuid,
    realm text NOT NULL,
    actor_id uuid,
    role text,
    session_id uuid,
    client_address text NOT NULL,
    request_id uuid NOT NULL,
    operation text NOT NULL,
    object_id uuid,
    patient_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    outcome text NOT NULL,
    detail text,
    CONSTRAINT event_realm_check1 CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text, 'system'::text, 'none'::text])))
)
PARTITION BY RANGE (at);

ALTER TABLE ONLY audit.event FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.event OWNER TO anamnesis_owner;

CREATE FUNCTION audit.search(p_actor uuid, p_patient uuid, p_operation text, p_outcome text, p_from timestamp with time zone, p_to timestamp with time zone, p_before_at timestamp with time zone, p_before_id bigint, p_fetch integer) RETURNS SETOF audit.event
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    practice uuid := auth.practice();
    since timestamptz := coalesce(p_from, '-infinity');
    until timestamptz := coalesce(p_to, 'infinity');
    before_at timestamptz := coalesce(p_before_at, 'infinity');
    before_id bigint := coalesce(p_before_id, 9223372036854775807);
BEGIN
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() NOT IN ('owner', 'auditor') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'the role may not read the audit log';
    END IF;
    IF p_patient IS NOT NULL THEN
        RETURN QUERY
        WITH found AS MATERIALIZED (
            SELECT e.* FROM audit.event e
            WHERE e.patient_ids @> ARRAY[p_patient] AND e.at >= since AND e.at < until AND e.at <= before_at)
        SELECT f.* FROM found f
        WHERE f.practice_id = practice AND (f.at, f.id) < (before_at, before_id)
          AND (p_actor IS NULL OR f.actor_id = p_actor) AND (p_operation IS NULL OR f.operation = p_operation)
          AND (p_outcome IS NULL OR f.outcome = p_outcome)
        ORDER BY f.at DESC, f.id DESC LIMIT p_fetch;
    ELSIF p_actor IS NOT NULL THEN
        RETURN QUERY
        SELECT e.* FROM audit.event e
        WHERE e.actor_id = p_actor AND e.practice_id = practice AND e.at >= since AND e.at < until
          AND (e.at, e.id) < (before_at, before_id) AND (p_operation IS NULL OR e.operation = p_operation)
          AND (p_outcome IS NULL OR e.outcome = p_outcome)
        ORDER BY e.at DESC, e.id DESC LIMIT p_fetch;
    ELSE
        RETURN QUERY
        SELECT e.* FROM audit.event e
        WHERE e.practice_id = practice AND e.at >= since AND e.at < until AND (e.at, e.id) < (before_at, before_id)
          AND (p_operation IS NULL OR e.operation = p_operation) AND (p_outcome IS NULL OR e.outcome = p_outcome)
        ORDER BY e.at DESC, e.id DESC LIMIT p_fetch;
    END IF;
END
$$;

ALTER FUNCTION audit.search(p_actor uuid, p_patient uuid, p_operation text, p_outcome text, p_from timestamp with time zone, p_to timestamp with time zone, p_before_at timestamp with time zone, p_before_id bigint, p_fetch integer) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.accounts_for_login(p_realm text, p_email_indexes bytea[]) RETURNS TABLE(account_id uuid, practice_id uuid, password_hash text, has_totp boolean, has_passkey boolean, mfa_required boolean, wrapped_key bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    practices uuid[];
BEGIN
    PERFORM auth.begun(NULL);
    RETURN QUERY
    SELECT a.id, a.practice_id, a.password_hash, a.totp_sealed IS NOT NULL,
           EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = a.id),
           p_realm = 'staff' OR c.patient_mfa = 'required', t.wrapped_key
    FROM (SELECT m.id, m.wrapped_key FROM anamnesis.staff m
          WHERE p_realm = 'staff' AND m.email_index = ANY (p_email_indexes) AND m.status = 'active'
          UNION ALL
          SELECT p.id, d.wrapped_key FROM anamnesis.patient p JOIN anamnesis.data_key d ON d.patient_id = p.id
          WHERE p_realm = 'patient' AND p.email_index = ANY (p_email_indexes) AND p.status = 'active') AS t
    JOIN auth.account a ON a.id = t.id AND a.realm = p_realm
    JOIN anamnesis.practice c ON c.id = a.practice_id
    ORDER BY a.id LIMIT 16;
    -- A practice shall see in its audit log that somebody tried at one of its accounts.
    SELECT array_agg(DISTINCT t.practice_id) INTO practices
    FROM (SELECT m.practice_id FROM anamnesis.staff m WHERE p_realm = 'staff' AND m.email_index = ANY (p_email_indexes)
          UNION ALL
          SELECT p.practice_id FROM anamnesis.patient p
          WHERE p_realm = 'patient' AND p.email_index = ANY (p_email_indexes) AND p.status = 'active') AS t;
    IF cardinality(practices) = 1 THEN
        PERFORM auth.concerns(practices[1], NULL);
    END IF;
END
$$;

ALTER FUNCTION auth.accounts_for_login(p_realm text, p_email_indexes bytea[]) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.actor() RETURNS uuid
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN RETURN (SELECT a.actor_id FROM auth.acting a); END $$;

ALTER FUNCTION auth.actor() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.address_change_of(p_realm text, p_use text, p_hash bytea) RETURNS TABLE(change_id uuid, account_id uuid, practice_id uuid, practice_name text, wrapped_key bytea, old_email bytea, new_email bytea, confirmed boolean, object_until timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    whose uuid := (SELECT c.account_id FROM auth.address_change c WHERE c.realm = p_realm AND CASE p_use
        WHEN 'confirm' THEN c.confirm_hash = p_hash WHEN 'object' THEN p_hash IN (c.object_hash, c.again_hash) END);
BEGIN
    PERFORM FROM anamnesis.staff s WHERE p_realm = 'staff' AND s.id = whose FOR NO KEY UPDATE;
    PERFORM FROM anamnesis.patient p WHERE p_realm = 'patient' AND p.id = whose FOR NO KEY UPDATE;
    SELECT c.id, c.account_id, c.practice_id, n.name, coalesce(m.wrapped_key, d.wrapped_key), c.old_email::bytea,
           c.new_email::bytea, c.confirmed_at IS NOT NULL, c.object_until
    INTO address_change_of.change_id, address_change_of.account_id, address_change_of.practice_id,
         address_change_of.practice_name, address_change_of.wrapped_key, address_change_of.old_email,
         address_change_of.new_email, address_change_of.confirmed, address_change_of.object_until
    FROM auth.address_change c
    JOIN anamnesis.practice n ON n.id = c.practice_id
    LEFT JOIN anamnesis.staff m ON c.realm = 'staff' AND m.id = c.account_id AND m.status = 'active'
    LEFT JOIN anamnesis.patient p ON c.realm = 'patient' AND p.id = c.account_id AND p.status = 'active'
    LEFT JOIN anamnesis.data_key d ON d.patient_id = p.id
    WHERE EXISTS (SELECT FROM auth.acting w WHERE w.realm = 'none' OR w.signed_in = c.proposed_by)
      AND c.realm = p_realm AND c.ended_at IS NULL AND num_nonnulls(m.id, p.id) = 1 AND CASE p_use
        WHEN 'confirm' THEN c.confirm_hash = p_hash AND c.confirmed_at IS NULL AND c.expires_at > now()
        WHEN 'object' THEN p_hash IN (c.object_hash, c.again_hash) AND coalesce(c.object_until, c.expires_at) > now() END
    FOR UPDATE OF c;
    IF FOUND THEN
        PERFORM auth.concerns(address_change_of.practice_id, address_change_of.account_id);
        RETURN NEXT;
    END IF;
END
$$;

ALTER FUNCTION auth.address_change_of(p_realm text, p_use text, p_hash bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.address_confirm(p_realm text, p_confirm_hash bytea, p_key bytea, p_indexes bytea[], p_again_hash bytea) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    it record;
    joins record;
    former bytea;
BEGIN
    PERFORM auth.begun(NULL);
    SELECT * INTO it FROM auth.address_change_of(p_realm, 'confirm', p_confirm_hash);
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF auth.address_taken(p_realm, it.practice_id, it.account_id, p_indexes) THEN
        RETURN 'taken';
    END IF;
    SELECT coalesce((SELECT s.email_index FROM anamnesis.staff s WHERE p_realm = 'staff' AND s.id = it.account_id),
                    (SELECT p.email_index FROM anamnesis.patient p WHERE p_realm = 'patient' AND p.id = it.account_id))
    INTO former;
    SELECT i.token_hash, c.password_hash INTO joins
    FROM auth.address_change c JOIN anamnesis.invitation i ON i.id = c.invitation_id WHERE c.id = it.change_id;
    IF FOUND AND (former IS NOT NULL OR auth.register(joins.token_hash, joins.password_hash) IS NULL) THEN
        RETURN NULL;
    END IF;
    UPDATE auth.address_change c
    SET confirmed_at = now(), old_index = former, password_hash = NULL, invitation_id = NULL,
        object_until = CASE WHEN former IS NOT NULL THEN now() + interval '7 days' END,
        again_hash = CASE WHEN former IS NOT NULL THEN p_again_hash END
    WHERE c.id = it.change_id;
    PERFORM auth.address_store(p_realm, it.account_id, p_key,
                               phi.open(p_key, 'address_change.new_email:' || it.change_id::text, it.new_email), p_indexes[1]);
    -- While answers are held, the new mailbox proves nothing: whoever recovered the account may have chosen it.
    UPDATE auth.account a SET held_mail = false WHERE a.id = it.account_id AND a.held_mail;
    RETURN 'confirmed';
END
$$;

ALTER FUNCTION auth.address_confirm(p_realm text, p_confirm_hash bytea, p_key bytea, p_indexes bytea[], p_again_hash bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.address_kept(p_practice uuid, p_owner uuid, p_indexes bytea[]) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT EXISTS (
        SELECT FROM auth.address_change c
        WHERE c.old_index = ANY (p_indexes) AND c.realm = 'staff' AND c.practice_id = p_practice AND c.account_id <> p_owner
          AND c.ended_at IS NULL AND c.object_until > now())
$$;

ALTER FUNCTION auth.address_kept(p_practice uuid, p_owner uuid, p_indexes bytea[]) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.address_object(p_realm text, p_object_hash bytea, p_key bytea, p_indexes bytea[], p_password_hash text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    it record;
    taken boolean;
BEGIN
    PERFORM auth.begun(NULL);
    SELECT * INTO it FROM auth.address_change_of(p_realm, 'object', p_object_hash);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE auth.address_change c SET ended_at = now()
    WHERE c.account_id = it.account_id AND c.ended_at IS NULL
      AND c.proposed_at >= (SELECT o.proposed_at FROM auth.address_change o WHERE o.id = it.change_id);
    IF NOT it.confirmed THEN
        RETURN 'withdrawn';
    END IF;
    taken := auth.address_taken(p_realm, it.practice_id, it.account_id, p_indexes);
    IF NOT taken THEN
        PERFORM auth.address_store(p_realm, it.account_id, p_key,
            phi.open(p_key, 'address_change.old_email:' || it.change_id::text, it.old_email), p_indexes[1]);
    END IF;
    PERFORM auth.shut(it.account_id, p_password_hash);
    RETURN CASE WHEN taken THEN 'taken' ELSE 'restored' END;
END
$$;

ALTER FUNCTION auth.address_object(p_realm text, p_object_hash bytea, p_key bytea, p_indexes bytea[], p_password_hash text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.address_propose(p_realm text, p_account uuid, p_id uuid, p_key bytea, p_email text, p_confirm_hash bytea, p_object_hash bytea, p_expires_at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    sealed bytea;
    whose text;
BEGIN
    IF auth.realm() = p_realm AND auth.actor() = p_account THEN
        NULL;
    ELSIF p_realm = 'staff' THEN
        PERFORM auth.as_owner();
    ELSIF auth.may_propose(p_account) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'the role may not do this';
    END IF;
    IF p_realm = 'staff' THEN
        SELECT s.email, s.role INTO sealed, whose FROM anamnesis.staff s
        WHERE s.practice_id = auth.practice() AND s.id = p_account AND s.status = 'active' FOR NO KEY UPDATE;
    ELSE
        SELECT p.email INTO sealed FROM anamnesis.patient p
        WHERE p.practice_id = auth.practice() AND p.id = audit.about(p_account) AND p.status = 'active'
          AND p.registered_at IS NOT NULL FOR NO KEY UPDATE;
    END IF;
    IF sealed IS NULL THEN
        RETURN NULL;
    ELSIF whose = 'owner' AND auth.actor() <> p_account THEN
        RETURN 'owner';
    ELSIF (SELECT count(*) FROM auth.address_change c
           WHERE c.account_id = p_account AND c.proposed_at > now() - interval '1 day') >= 5 THEN
        RETURN 'limit';
    END IF;
    UPDATE auth.address_change c SET ended_at = now()
    WHERE c.account_id = p_account AND c.confirmed_at IS NULL AND c.ended_at IS NULL;
    INSERT INTO auth.address_change (id, practice_id, realm, account_id, proposed_by, old_email, new_email, confirm_hash,
                                     object_hash, expires_at)
    VALUES (p_id, auth.practice(), p_realm, p_account, auth.actor(),
            phi.seal(p_key, 'address_change.old_email:' || p_id::text,
                     phi.open(p_key, p_realm || '.email:' || p_account::text, sealed)),
            phi.seal(p_key, 'address_change.new_email:' || p_id::text, p_email), p_confirm_hash, p_object_hash,
            least(p_expires_at, now() + interval '7 days'));
    RETURN 'proposed';
END
$$;

ALTER FUNCTION auth.address_propose(p_realm text, p_account uuid, p_id uuid, p_key bytea, p_email text, p_confirm_hash bytea, p_object_hash bytea, p_expires_at timestamp with time zone) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.address_recent(p_account uuid) RETURNS timestamp with time zone
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT max(c.object_until) FROM auth.address_change c
    WHERE c.account_id = p_account AND c.proposed_by <> c.account_id AND c.ended_at IS NULL AND c.object_until > now()
$$;

ALTER FUNCTION auth.address_recent(p_account uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.address_store(p_realm text, p_account uuid, p_key bytea, p_email text, p_index bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    UPDATE anamnesis.staff s
    SET email = phi.seal(p_key, 'staff.email:' || s.id::text, p_email), email_index = p_index, revision = s.revision + 1
    WHERE p_realm = 'staff' AND s.id = p_account;
    UPDATE anamnesis.patient p
    SET email = phi.seal(p_key, 'patient.email:' || p.id::text, p_email), email_index = p_index, revision = p.revision + 1,
        updated_at = now()
    WHERE p_realm = 'patient' AND p.id = p_account;
    PERFORM auth.end_all(p_account, NULL);
    UPDATE auth.staff_invitation i SET used_at = now() WHERE i.staff_id = p_account AND i.used_at IS NULL;
    UPDATE anamnesis.invitation i SET status = 'revoked'
    WHERE i.patient_id = p_account AND i.status = 'pending' AND i.delivery = 'email';
END
$$;

ALTER FUNCTION auth.address_store(p_realm text, p_account uuid, p_key bytea, p_email text, p_index bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.address_taken(p_realm text, p_practice uuid, p_owner uuid, p_indexes bytea[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    index bytea;
BEGIN
    IF p_realm <> 'staff' THEN
        RETURN false;
    END IF;
    -- As auth.claim_index: in one order, so that nobody waits in a circle.
    FOR index IN SELECT i FROM unnest(p_indexes) AS given (i) WHERE octet_length(i) = 32 ORDER BY i LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('staff.email' || encode(index, 'hex'), 0));
    END LOOP;
    RETURN auth.address_kept(p_practice, p_owner, p_indexes) OR EXISTS (
        SELECT FROM anamnesis.staff s
        WHERE s.email_index = ANY (p_indexes) AND s.practice_id = p_practice AND s.id <> p_owner);
END
$$;

ALTER FUNCTION auth.address_taken(p_realm text, p_practice uuid, p_owner uuid, p_indexes bytea[]) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.anonymous(p_operation text, p_request_id uuid, p_client_address text, p_door bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM auth.key_check k
                   WHERE k.kind = 'pepper' AND k.door = sha256(p_door) AND k.retired_at IS NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500',
            MESSAGE = 'the caller does not have the keyring, or `anamnesis migrate` was run without it';
    END IF;
    PERFORM set_config('anamnesis.actor', auth.signed(k.secret,
        'n--' || repeat('00000000-0000-0000-0000-000000000000', 3) || p_request_id::text
        || rpad(p_operation, 64) || rpad(coalesce(p_client_address, ''), 64)), true)
    FROM auth.proof_key k;
END
$$;

ALTER FUNCTION auth.anonymous(p_operation text, p_request_id uuid, p_client_address text, p_door bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.as_owner() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM FROM anamnesis.practice c WHERE c.id = auth.practice() FOR NO KEY UPDATE;
    IF auth.realm() IS DISTINCT FROM 'staff' OR NOT auth.is_fresh() OR NOT EXISTS (
        SELECT FROM anamnesis.staff s
        WHERE s.id = auth.actor() AND s.practice_id = auth.practice() AND s.role = 'owner' AND s.status = 'active') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'this needs an owner with fresh proof';
    END IF;
END
$$;

ALTER FUNCTION auth.as_owner() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.begun(p_account uuid) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM auth.acting a WHERE a.realm = 'none' OR a.actor_id = p_account) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'nobody has begun to sign in here';
    END IF;
END
$$;

ALTER FUNCTION auth.begun(p_account uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.care_team(p_patient uuid) RETURNS TABLE(staff_id uuid, role text, status text, wrapped_key bytea, name bytea, added_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT s.id, s.role, s.status, s.wrapped_key, s.name::bytea, c.added_at
    FROM anamnesis.care_team c JOIN anamnesis.staff s ON s.id = c.staff_id
    WHERE c.practice_id = auth.practice() AND c.patient_id = p_patient AND auth.sees(p_patient)
    ORDER BY c.added_at DESC, s.id DESC
$$;

ALTER FUNCTION auth.care_team(p_patient uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.care_team_add(p_patient uuid, p_staff uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() IS DISTINCT FROM 'owner' THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'care teams are made by owners';
    END IF;
    -- One at a time for a patient: the number counts.
    PERFORM FROM anamnesis.patient p WHERE p.practice_id = auth.practice() AND p.id = p_patient FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM anamnesis.staff s
                   WHERE s.practice_id = auth.practice() AND s.id = p_staff AND s.status <> 'disabled'
                     AND s.role IN ('owner', 'physician', 'assistant')) THEN
        RETURN 'nobody';
    ELSIF EXISTS (SELECT FROM anamnesis.care_team c
                  WHERE c.practice_id = auth.practice() AND c.staff_id = p_staff AND c.patient_id = p_patient) THEN
        RETURN 'there';
    ELSIF (SELECT count(*) FROM anamnesis.care_team c
           WHERE c.practice_id = auth.practice() AND c.patient_id = p_patient) >= 50 THEN
        RETURN 'full';
    END IF;
    INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by)
    VALUES (auth.practice(), p_staff, p_patient, auth.actor());
    RETURN 'added';
END
$$;

ALTER FUNCTION auth.care_team_add(p_patient uuid, p_staff uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.challenge_claim(p_token_hash bytea, p_realm text, p_purpose text) RETURNS TABLE(account_id uuid, practice_id uuid, delivery text, totp_sealed bytea, totp_pending bytea, totp_step bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.begun(NULL);
    UPDATE auth.challenge c SET tries = c.tries + 1
    WHERE c.token_hash = p_token_hash AND c.realm = p_realm AND c.purpose = p_purpose AND c.used_at IS NULL
      AND c.expires_at > now() AND c.tries < CASE c.purpose WHEN 'enrol' THEN 10 ELSE 5 END
    RETURNING c.account_id, c.practice_id, c.delivery
    INTO challenge_claim.account_id, challenge_claim.practice_id, challenge_claim.delivery;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM auth.concerns(challenge_claim.practice_id, challenge_claim.account_id);
    SELECT a.totp_sealed, a.totp_pending, a.totp_step
    INTO challenge_claim.totp_sealed, challenge_claim.totp_pending, challenge_claim.totp_step
    FROM auth.account a WHERE a.id = challenge_claim.account_id;
    RETURN NEXT;
END
$$;

ALTER FUNCTION auth.challenge_claim(p_token_hash bytea, p_realm text, p_purpose text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.challenge_create(p_token_hash bytea, p_realm text, p_account uuid, p_purpose text, p_delivery text, p_expires_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    practice uuid;
BEGIN
    PERFORM auth.begun(p_account);
    INSERT INTO auth.challenge (token_hash, practice_id, realm, account_id, purpose, delivery, expires_at)
    SELECT p_token_hash, a.practice_id, a.realm, a.id, p_purpose, p_delivery,
           least(p_expires_at, now() + interval '15 minutes')
    FROM auth.account a
    WHERE a.id = p_account AND a.realm = p_realm
      -- Who has a second factor is never let through to enrol another one; who has none cannot be asked for it.
      AND auth.has_factor(a.id) = (p_purpose = 'mfa')
    RETURNING practice_id INTO practice;
    IF practice IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'AN409', MESSAGE = 'the account does not take this challenge';
    END IF;
    PERFORM auth.concerns(practice, p_account);
END
$$;

ALTER FUNCTION auth.challenge_create(p_token_hash bytea, p_realm text, p_account uuid, p_purpose text, p_delivery text, p_expires_at timestamp with time zone) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.choice_claim(p_token_hash bytea, p_realm text) RETURNS TABLE(account_id uuid, delivery text, has_totp boolean, has_passkey boolean, mfa_required boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    PERFORM auth.begun(NULL);
    UPDATE auth.challenge c SET used_at = now()
    WHERE c.token_hash = p_token_hash AND c.realm = p_realm AND c.purpose = 'choose' AND c.used_at IS NULL
      AND c.expires_at > now()
    RETURNING c.account_id, c.delivery, c.practice_id
    INTO choice_claim.account_id, choice_claim.delivery, practice;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM auth.concerns(practice, choice_claim.account_id);
    SELECT a.totp_sealed IS NOT NULL, EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = a.id),
           auth.needs_factor(a.id)
    INTO choice_claim.has_totp, choice_claim.has_passkey, choice_claim.mfa_required
    FROM auth.account a WHERE a.id = choice_claim.account_id;
    RETURN NEXT;
END
$$;

ALTER FUNCTION auth.choice_claim(p_token_hash bytea, p_realm text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.choice_create(p_token_hash bytea, p_realm text, p_account uuid, p_delivery text, p_key bytea) RETURNS TABLE(practice_name text, given_name text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.begun(p_account);
    INSERT INTO auth.challenge (token_hash, practice_id, realm, account_id, purpose, delivery, expires_at)
    SELECT p_token_hash, a.practice_id, a.realm, a.id, 'choose', p_delivery, now() + interval '5 minutes'
    FROM auth.account a WHERE a.id = p_account AND a.realm = p_realm;
    RETURN QUERY
    SELECT c.name, phi.open(p_key, 'patient.given_name:' || p.id::text, p.given_name)
    FROM auth.account a
    JOIN anamnesis.practice c ON c.id = a.practice_id
    LEFT JOIN anamnesis.patient p ON p.id = audit.about(CASE a.realm WHEN 'patient' THEN a.id END)
    WHERE a.id = p_account AND a.realm = p_realm;
END
$$;

ALTER FUNCTION auth.choice_create(p_token_hash bytea, p_realm text, p_account uuid, p_delivery text, p_key bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.claim_index(p_context text, p_owner uuid, p_indexes bytea[], p_practice uuid DEFAULT NULL::uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    index bytea;
    name text;
    practice uuid := coalesce(auth.practice(), p_practice);
BEGIN
    IF (session_user <> 'anamnesis_owner' AND coalesce(auth.realm(), 'none') NOT IN ('staff', 'patient'))
       OR cardinality(p_indexes) > 16 THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'nobody is signed in who could store this';
    END IF;
    -- In one order, so that nobody waits in a circle.
    FOR index IN SELECT i FROM unnest(p_indexes) AS given (i) WHERE octet_length(i) = 32 ORDER BY i LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended(p_context || encode(index, 'hex'), 0));
    END LOOP;
    name := CASE p_context
        WHEN 'staff.email' THEN (SELECT 'staff_email_key' FROM anamnesis.staff s
            WHERE s.email_index = ANY (p_indexes) AND s.practice_id = practice AND s.id <> p_owner
            UNION ALL SELECT 'staff_email_key' WHERE auth.address_kept(practice, p_owner, p_indexes) LIMIT 1)
        ELSE 'no such context' END;
    IF name = 'no such context' THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'there is no such index';
    ELSIF name IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = '23505', CONSTRAINT = name, MESSAGE = 'somebody else has this value';
    END IF;
END
$$;

ALTER FUNCTION auth.claim_index(p_context text, p_owner uuid, p_indexes bytea[], p_practice uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.claimed_actor() RETURNS uuid
    LANGUAGE sql STABLE
    RETURN (NULLIF(substr(current_setting('anamnesis.actor'::text, true), 40, 36), ''::text))::uuid;

ALTER FUNCTION auth.claimed_actor() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.claimed_patient() RETURNS uuid
    LANGUAGE sql STABLE
    RETURN CASE WHEN ("left"(current_setting('anamnesis.actor'::text, true), 1) = 'p'::text) THEN (substr(current_setting('anamnesis.actor'::text, true), 40, 36))::uuid ELSE NULL::uuid END;

ALTER FUNCTION auth.claimed_patient() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.claimed_practice() RETURNS uuid
    LANGUAGE sql STABLE
    RETURN (NULLIF(substr(current_setting('anamnesis.actor'::text, true), 4, 36), ''::text))::uuid;

ALTER FUNCTION auth.claimed_practice() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.concerns(p_practice uuid, p_account uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    nobody text := '00000000-0000-0000-0000-000000000000';
BEGIN
    PERFORM auth.begun(auth.actor());
    PERFORM set_config('anamnesis.actor', auth.signed(k.secret,
        'n--' || coalesce(p_practice::text, nobody) || coalesce(p_account::text, nobody) || nobody || a.request_id::text
        || rpad(a.operation, 64) || rpad(a.client_address, 64)), true)
    FROM auth.acting a, auth.proof_key k WHERE a.realm = 'none';
END
$$;

ALTER FUNCTION auth.concerns(p_practice uuid, p_account uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.end_all(p_account uuid, p_spare uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    UPDATE auth.session SET ended_at = now()
    WHERE account_id = p_account AND ended_at IS NULL AND id IS DISTINCT FROM p_spare;
    UPDATE auth.challenge SET used_at = now() WHERE account_id = p_account AND used_at IS NULL;
$$;

ALTER FUNCTION auth.end_all(p_account uuid, p_spare uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.factor_is_fresh(p_account uuid) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT EXISTS (SELECT FROM auth.account a WHERE a.id = p_account AND a.factor_xact = pg_current_xact_id())
$$;

ALTER FUNCTION auth.factor_is_fresh(p_account uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.glass_break(p_id uuid, p_patient uuid, p_key bytea, p_reason text) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    ends timestamptz;
BEGIN
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() IS DISTINCT FROM 'physician' OR NOT auth.is_fresh() THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'breaking the glass needs a physician with fresh proof';
    END IF;
    INSERT INTO anamnesis.break_glass AS g (id, practice_id, patient_id, staff_id, reason)
    VALUES (p_id, auth.practice(), audit.about(p_patient), auth.actor(),
            phi.seal(p_key, 'break_glass.reason:' || p_id::text, p_reason))
    RETURNING g.expires_at INTO ends;
    RETURN ends;
END
$$;

ALTER FUNCTION auth.glass_break(p_id uuid, p_patient uuid, p_key bytea, p_reason text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.glass_patient(p_patient uuid, p_email_indexes bytea[], p_record_number_indexes bytea[]) RETURNS TABLE(patient_id uuid, wrapped_key bytea, seen boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    found bigint;
BEGIN
    PERFORM FROM anamnesis.staff s WHERE s.id = auth.actor() FOR NO KEY UPDATE;
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() IS DISTINCT FROM 'physician' OR NOT auth.is_fresh() THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'breaking the glass needs a physician with fresh proof';
    END IF;
    RETURN QUERY
    SELECT p.id, d.wrapped_key, auth.sees(p.id)
    FROM anamnesis.patient p JOIN anamnesis.data_key d ON d.patient_id = p.id
    WHERE p.practice_id = auth.practice() AND p.status <> 'erased'
      AND (p.id = p_patient OR p.email_index = ANY (p_email_indexes)
           OR p.record_number_index = ANY (p_record_number_indexes))
    LIMIT 2;
    GET DIAGNOSTICS found = ROW_COUNT;
    IF found = 1 THEN
        PERFORM audit.about(p.id) FROM anamnesis.patient p
        WHERE p.practice_id = auth.practice() AND p.status <> 'erased'
          AND (p.id = p_patient OR p.email_index = ANY (p_email_indexes)
               OR p.record_number_index = ANY (p_record_number_indexes));
    END IF;
END
$$;

ALTER FUNCTION auth.glass_patient(p_patient uuid, p_email_indexes bytea[], p_record_number_indexes bytea[]) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.has_factor(p_account uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT EXISTS (SELECT FROM auth.account a WHERE a.id = p_account AND a.totp_sealed IS NOT NULL)
        OR EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = p_account)
$$;

ALTER FUNCTION auth.has_factor(p_account uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.held_password() RETURNS TABLE(account_id uuid, password_hash text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT a.id, a.held_password FROM auth.account a
    WHERE a.id = auth.patient() AND a.realm = 'patient' AND a.held_until > now()
$$;

ALTER FUNCTION auth.held_password() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.held_since() RETURNS timestamp with time zone
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ SELECT s.held_since FROM auth.session s, auth.acting a WHERE s.id = a.session_id AND a.held_patient IS NOT NULL $$;

ALTER FUNCTION auth.held_since() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.held_until() RETURNS timestamp with time zone
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ SELECT s.held_until FROM auth.session s WHERE s.id = auth.session() AND s.held_until > now() $$;

ALTER FUNCTION auth.held_until() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.hold(p_account uuid, p_password_before text, p_until timestamp with time zone, p_mail boolean) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    UPDATE auth.account a
    SET held_since = CASE WHEN a.held_until > now() THEN a.held_since ELSE now() END,
        held_password = CASE WHEN a.held_until > now() THEN a.held_password ELSE p_password_before END,
        held_mail = p_mail AND (a.held_mail OR coalesce(a.held_until, now()) <= now()),
        held_until = greatest(p_until, a.held_until)
    WHERE a.id = p_account AND a.realm = 'patient'
$$;

ALTER FUNCTION auth.hold(p_account uuid, p_password_before text, p_until timestamp with time zone, p_mail boolean) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.hold_end(p_password_before text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM FROM auth.account a
    WHERE a.id = auth.patient() AND a.realm = 'patient' AND a.held_password = p_password_before FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM auth.unhold(auth.patient());
    RETURN true;
END
$$;

ALTER FUNCTION auth.hold_end(p_password_before text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.invitation_by_token(p_token_hash bytea) RETURNS TABLE(invitation_id uuid, patient_id uuid, wrapped_key bytea, practice_name text, mfa_required boolean, expires_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    PERFORM auth.begun(NULL);
    -- The patient first: two links of one patient wait for each other, and none waits for what the other holds.
    PERFORM FROM anamnesis.patient p
    WHERE p.id = (SELECT i.patient_id FROM anamnesis.invitation i WHERE i.token_hash = p_token_hash) FOR NO KEY UPDATE;
    SELECT i.id, p.id, d.wrapped_key, c.name, c.patient_mfa = 'required', i.expires_at, i.practice_id
    INTO invitation_by_token.invitation_id, invitation_by_token.patient_id, invitation_by_token.wrapped_key,
         invitation_by_token.practice_name, invitation_by_token.mfa_required, invitation_by_token.expires_at, practice
    FROM anamnesis.invitation i
    JOIN anamnesis.patient p ON p.id = i.patient_id
    JOIN anamnesis.data_key d ON d.patient_id = p.id
    JOIN anamnesis.practice c ON c.id = i.practice_id
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
      AND p.status = 'active' AND (p.registered_at IS NOT NULL) = i.recovers
    FOR UPDATE OF i;
    IF FOUND THEN
        PERFORM auth.concerns(practice, invitation_by_token.patient_id);
        RETURN NEXT;
    END IF;
END
$$;

ALTER FUNCTION auth.invitation_by_token(p_token_hash bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.invitation_tried(p_token_hash bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM auth.begun(NULL);
    UPDATE anamnesis.invitation i
    SET tries = i.tries + 1, status = CASE WHEN i.tries + 1 >= 5 THEN 'spent' ELSE i.status END
    WHERE i.token_hash = p_token_hash AND i.status = 'pending';
END
$$;

ALTER FUNCTION auth.invitation_tried(p_token_hash bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.invited_patient(p_token_hash bytea) RETURNS TABLE(patient_id uuid, email bytea, birth_date bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.begun(NULL);
    RETURN QUERY
    SELECT p.id, p.email::bytea, p.birth_date::bytea
    FROM anamnesis.invitation i
    JOIN anamnesis.patient p ON p.id = i.patient_id
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
      AND p.status = 'active' AND (p.registered_at IS NOT NULL) = i.recovers;
END
$$;

ALTER FUNCTION auth.invited_patient(p_token_hash bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.is_fresh() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT EXISTS (SELECT FROM auth.session s WHERE s.id = auth.session() AND s.ended_at IS NULL
                                                AND s.stepped_up_at > now() - interval '5 minutes')
           AND coalesce(current_setting('anamnesis.former', true), '') = ''
$$;

ALTER FUNCTION auth.is_fresh() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.join_care_team() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by)
    SELECT s.practice_id, s.id, NEW.id, s.id FROM anamnesis.staff s
    WHERE s.practice_id = NEW.practice_id AND s.id = NEW.created_by AND s.role IN ('physician', 'assistant');
    RETURN NULL;
END
$$;

ALTER FUNCTION auth.join_care_team() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.key_version(value bytea) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ((((get_byte(value, 0) * (16777216)::bigint) + (get_byte(value, 1) * 65536)) + (get_byte(value, 2) * 256)) + get_byte(value, 3));

ALTER FUNCTION auth.key_version(value bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.keys_gone() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    oldest timestamptz := ext.oldest_wal_file();
    made bigint;
BEGIN
    WITH gone AS (
        DELETE FROM auth.erasure e WHERE e.touched_at IS NOT NULL OR (oldest IS NULL AND e.passed_at IS NOT NULL)
        RETURNING e.patient_id, e.practice_id)
    INSERT INTO audit.event (practice_id, realm, client_address, request_id, operation, object_id, patient_ids, outcome, detail)
    SELECT g.practice_id, 'system', 'local', gen_random_uuid(), 'key_gone', g.patient_id, ARRAY[g.patient_id], 'ok',
           CASE WHEN oldest IS NULL THEN 'table' ELSE 'table and log' END
    FROM gone g;
    GET DIAGNOSTICS made = ROW_COUNT;
    UPDATE auth.erasure e SET touched_at = clock_timestamp() WHERE e.touched_at IS NULL AND e.passed_at < oldest;
    RETURN made;
END
$$;

ALTER FUNCTION auth.keys_gone() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.keys_pass() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    waiting bigint := (SELECT count(*) FROM auth.erasure e WHERE e.rewritten_at IS NOT NULL);
    since timestamptz;
BEGIN
    IF waiting > 0 THEN
        since := ext.next_wal_file();
        UPDATE auth.erasure e SET passed_at = since WHERE e.rewritten_at IS NOT NULL AND e.passed_at IS NULL;
    END IF;
    RETURN waiting;
END
$$;

ALTER FUNCTION auth.keys_pass() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.keys_rewrite() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    made bigint := 0;
BEGIN
    IF EXISTS (SELECT FROM auth.erasure e WHERE e.rewritten_at IS NULL) THEN
        PERFORM set_config('lock_timeout', '200ms', true);
        LOCK TABLE anamnesis.data_key IN ACCESS EXCLUSIVE MODE;
        UPDATE auth.erasure e SET rewritten_at = clock_timestamp()
        WHERE e.rewritten_at IS NULL AND age(e.position::xid) > ext.oldest_reader_age();
        GET DIAGNOSTICS made = ROW_COUNT;
        IF made > 0 THEN
            CLUSTER anamnesis.data_key USING data_key_pkey;
        END IF;
    END IF;
    RETURN made;
END
$$;

ALTER FUNCTION auth.keys_rewrite() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.link_owners(p_hash bytea) RETURNS TABLE(id uuid, wrapped_key bytea, practice_name text, email bytea)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT s.id, s.wrapped_key, n.name, s.email::bytea
    FROM anamnesis.staff s JOIN anamnesis.practice n ON n.id = s.practice_id
    WHERE EXISTS (SELECT FROM auth.acting w WHERE w.realm = 'none') AND s.role = 'owner' AND s.status = 'active' AND s.practice_id IN (
        SELECT c.practice_id FROM auth.address_change c WHERE p_hash IN (c.object_hash, c.again_hash)
        UNION ALL SELECT i.practice_id FROM anamnesis.invitation i WHERE i.answer_hash = p_hash)
    ORDER BY s.id LIMIT 50
$$;

ALTER FUNCTION auth.link_owners(p_hash bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.may_add_factor(p_account uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ SELECT NOT auth.has_factor(p_account) OR (p_account = auth.actor() AND auth.is_fresh()) $$;

ALTER FUNCTION auth.may_add_factor(p_account uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.may_propose(p_patient uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT auth.realm() = 'staff' AND auth.is_fresh() AND (auth.sees_all() OR auth.sees(p_patient))
       AND (auth.role() IN ('owner', 'physician') OR (auth.role() = 'assistant' AND c.patient_email_by = 'assistant'))
    FROM anamnesis.practice c WHERE c.id = auth.practice()
$$;

ALTER FUNCTION auth.may_propose(p_patient uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.needs_factor(p_account uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT a.realm = 'staff' OR c.patient_mfa = 'required'
    FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id WHERE a.id = p_account
$$;

ALTER FUNCTION auth.needs_factor(p_account uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.open_assignments(p_questionnaire uuid, p_fetch integer) RETURNS TABLE(version integer, assigned bigint, in_progress bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT a.version, count(*) FILTER (WHERE a.status = 'assigned'), count(*) FILTER (WHERE a.status = 'in-progress')
    FROM anamnesis.assignment a
    WHERE a.practice_id = auth.practice() AND auth.realm() = 'staff' AND a.questionnaire_id = p_questionnaire
      AND a.status IN ('assigned', 'in-progress')
    GROUP BY a.version
    ORDER BY a.version DESC
    LIMIT p_fetch
$$;

ALTER FUNCTION auth.open_assignments(p_questionnaire uuid, p_fetch integer) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.own_account() RETURNS TABLE(account_id uuid, practice_id uuid, practice_name text, password_hash text, totp_sealed bytea, totp_pending bytea, totp_step bigint, mfa_required boolean, has_factor boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT a.id, a.practice_id, c.name, a.password_hash, a.totp_sealed, a.totp_pending, a.totp_step,
           a.realm = 'staff' OR c.patient_mfa = 'required', auth.has_factor(a.id)
    FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id
    WHERE a.id = auth.actor() AND a.realm = auth.realm()
$$;

ALTER FUNCTION auth.own_account() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.own_factors() RETURNS TABLE(totp boolean, passkeys integer, recovery_codes integer)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT a.totp_sealed IS NOT NULL,
           (SELECT count(*)::integer FROM auth.passkey k WHERE k.account_id = a.id),
           (SELECT count(*)::integer FROM auth.recovery_code r WHERE r.account_id = a.id AND r.used_at IS NULL)
    FROM auth.account a WHERE a.id = auth.actor() AND a.realm = auth.realm()
$$;

ALTER FUNCTION auth.own_factors() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.passkey_accept(p_account uuid, p_passkey uuid, p_sign_count bigint, p_backed_up boolean, p_verified boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM auth.begun(p_account);
    UPDATE auth.passkey k SET sign_count = p_sign_count, backed_up = p_backed_up, last_used_at = now()
    FROM auth.account a
    WHERE k.id = p_passkey AND k.account_id = p_account AND a.id = p_account
      AND a.passkey_asked = pg_current_xact_id() AND a.passkey_purpose IN ('mfa', 'step-up', 'sign-in')
      AND (a.passkey_purpose <> 'sign-in' OR p_verified)
      AND (k.sign_count < p_sign_count OR (k.sign_count = 0 AND p_sign_count = 0));
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE auth.account a
    SET factor_xact = pg_current_xact_id(),
        passkey_xact = CASE WHEN a.passkey_purpose = 'sign-in' THEN pg_current_xact_id() END
    WHERE a.id = p_account;
    RETURN true;
END
$$;

ALTER FUNCTION auth.passkey_accept(p_account uuid, p_passkey uuid, p_sign_count bigint, p_backed_up boolean, p_verified boolean) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.passkey_add(p_account uuid, p_passkey uuid, p_indexes bytea[], p_sealed bytea, p_sign_count bigint, p_backup_eligible boolean, p_backed_up boolean) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    first boolean;
    practice uuid;
BEGIN
    SELECT a.practice_id INTO practice FROM auth.account a
    WHERE a.id = p_account AND a.id = auth.actor() AND a.passkey_asked = pg_current_xact_id()
      AND a.passkey_purpose = 'register';
    IF practice IS NULL OR cardinality(p_indexes) NOT BETWEEN 1 AND 16 THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'no registration is under way';
    ELSIF NOT auth.may_add_factor(p_account) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN430', MESSAGE = 'another second factor needs fresh proof';
    ELSIF (SELECT count(*) FROM auth.passkey k WHERE k.account_id = p_account) >= 10 THEN
        RETURN 'full';
    ELSIF EXISTS (SELECT FROM auth.passkey k WHERE k.credential_index = ANY (p_indexes)) THEN
        RETURN 'taken';
    END IF;
    first := NOT auth.has_factor(p_account);
    INSERT INTO auth.passkey (id, practice_id, account_id, credential_index, passkey_sealed, sign_count, backup_eligible,
                              backed_up)
    VALUES (p_passkey, practice, p_account, p_indexes[1], p_sealed, p_sign_count, p_backup_eligible, p_backed_up)
    ON CONFLICT (credential_index) DO NOTHING;
    IF NOT FOUND THEN
        RETURN 'taken';
    END IF;
    UPDATE auth.account a SET factor_xact = pg_current_xact_id() WHERE a.id = p_account;
    RETURN CASE WHEN first THEN 'first' ELSE 'added' END;
END
$$;

ALTER FUNCTION auth.passkey_add(p_account uuid, p_passkey uuid, p_indexes bytea[], p_sealed bytea, p_sign_count bigint, p_backup_eligible boolean, p_backed_up boolean) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.passkey_begin(p_realm text, p_purpose text, p_challenge_hash bytea, p_token_hash bytea) RETURNS TABLE(account_id uuid, handle uuid, practice_name text, wrapped_key bytea, passkey_id uuid, passkey_sealed bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    whose uuid := auth.actor();
    practice uuid;
BEGIN
    PERFORM auth.begun(auth.actor());
    DELETE FROM auth.passkey_challenge WHERE challenge_hash IN (
        SELECT h.challenge_hash FROM auth.passkey_challenge h WHERE h.expires_at < now()
        ORDER BY h.expires_at LIMIT 20 FOR UPDATE SKIP LOCKED);
    IF p_purpose = 'sign-in' THEN
        INSERT INTO auth.passkey_challenge (challenge_hash, realm, purpose) VALUES (p_challenge_hash, p_realm, p_purpose);
        RETURN NEXT;
        RETURN;
    END IF;
    IF p_token_hash IS NOT NULL THEN
        SELECT c.account_id INTO whose FROM auth.challenge c
        WHERE c.token_hash = p_token_hash AND c.realm = p_realm AND c.used_at IS NULL AND c.expires_at > now()
          AND c.purpose = CASE p_purpose WHEN 'register' THEN 'enrol' ELSE p_purpose END;
    END IF;
    -- One by one for an account: what is counted stays so until the end.
    UPDATE auth.account a SET passkey_asked = pg_current_xact_id(), passkey_purpose = 'begun'
    WHERE a.id = whose AND a.realm = p_realm RETURNING a.practice_id INTO practice;
    IF practice IS NULL THEN
        RETURN;
    ELSIF p_purpose = 'register' AND NOT auth.may_add_factor(whose) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN430', MESSAGE = 'another second factor needs fresh proof';
    END IF;
    PERFORM auth.concerns(practice, whose);
    PERFORM audit.about(whose) WHERE p_realm = 'patient';
    DELETE FROM auth.passkey_challenge WHERE challenge_hash IN (
        SELECT h.challenge_hash FROM auth.passkey_challenge h WHERE h.account_id = whose
        ORDER BY h.created_at DESC OFFSET 9);
    INSERT INTO auth.passkey_challenge (challenge_hash, realm, purpose, practice_id, account_id)
    VALUES (p_challenge_hash, p_realm, p_purpose, practice, whose);
    RETURN QUERY
    SELECT a.id, a.passkey_handle, c.name, coalesce(m.wrapped_key, d.wrapped_key), k.id, k.passkey_sealed
    FROM auth.account a
    JOIN anamnesis.practice c ON c.id = a.practice_id
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id
    LEFT JOIN anamnesis.data_key d ON d.patient_id = p.id
    LEFT JOIN auth.passkey k ON k.account_id = a.id
    WHERE a.id = whose ORDER BY k.id;
END
$$;

ALTER FUNCTION auth.passkey_begin(p_realm text, p_purpose text, p_challenge_hash bytea, p_token_hash bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.passkey_doubt(p_account uuid, p_passkey uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM auth.begun(p_account);
    UPDATE auth.passkey k SET doubted_at = coalesce(k.doubted_at, now())
    FROM auth.account a
    WHERE k.id = p_passkey AND k.account_id = p_account AND a.id = p_account AND a.passkey_asked = pg_current_xact_id();
END
$$;

ALTER FUNCTION auth.passkey_doubt(p_account uuid, p_passkey uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.passkey_find(p_realm text, p_purpose text, p_challenge_hash bytea, p_account uuid, p_indexes bytea[]) RETURNS TABLE(passkey_id uuid, account_id uuid, handle uuid, passkey_sealed bytea, sign_count bigint, backup_eligible boolean, practice_name text, wrapped_key bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    IF p_purpose NOT IN ('mfa', 'step-up', 'sign-in') OR cardinality(p_indexes) > 16
        OR NOT auth.passkey_spend(p_realm, p_purpose, p_challenge_hash, p_account) THEN
        RETURN;
    END IF;
    SELECT k.id, a.id, a.passkey_handle, k.passkey_sealed, k.sign_count, k.backup_eligible, c.name,
           coalesce(m.wrapped_key, d.wrapped_key), a.practice_id
    INTO passkey_find.passkey_id, passkey_find.account_id, passkey_find.handle, passkey_find.passkey_sealed,
         passkey_find.sign_count, passkey_find.backup_eligible, passkey_find.practice_name, passkey_find.wrapped_key,
         practice
    FROM auth.passkey k
    JOIN auth.account a ON a.id = k.account_id AND a.realm = p_realm
    JOIN anamnesis.practice c ON c.id = a.practice_id
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id AND m.status = 'active'
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id AND p.status = 'active'
    LEFT JOIN anamnesis.data_key d ON d.patient_id = p.id
    WHERE k.credential_index = ANY (p_indexes) AND (p_account IS NULL OR a.id = p_account)
      AND num_nonnulls(m.id, p.id) = 1
    FOR UPDATE OF k;
    IF FOUND THEN
        UPDATE auth.account a SET passkey_asked = pg_current_xact_id(), passkey_purpose = p_purpose
        WHERE a.id = passkey_find.account_id;
        PERFORM auth.concerns(practice, passkey_find.account_id);
        PERFORM audit.about(passkey_find.account_id) WHERE p_realm = 'patient';
    END IF;
    RETURN NEXT;
END
$$;

ALTER FUNCTION auth.passkey_find(p_realm text, p_purpose text, p_challenge_hash bytea, p_account uuid, p_indexes bytea[]) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.passkey_person(p_account uuid) RETURNS TABLE(account_id uuid, realm text, email bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.begun(p_account);
    RETURN QUERY
    SELECT a.id, a.realm, coalesce(m.email, p.email)::bytea
    FROM auth.account a
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id
    WHERE a.id = p_account AND a.passkey_asked = pg_current_xact_id();
END
$$;

ALTER FUNCTION auth.passkey_person(p_account uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.passkey_remove(p_passkey uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    own uuid;
BEGIN
    SELECT a.id INTO own FROM auth.account a WHERE a.id = auth.actor() AND a.realm = auth.realm() FOR UPDATE;
    IF NOT auth.is_fresh() THEN
        RAISE EXCEPTION USING ERRCODE = 'AN430', MESSAGE = 'removing a second factor needs fresh proof';
    ELSIF NOT EXISTS (SELECT FROM auth.passkey k WHERE k.id = p_passkey AND k.account_id = own) THEN
        RETURN 'none';
    ELSIF auth.needs_factor(own)
        AND NOT EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = own AND k.id <> p_passkey)
        AND NOT EXISTS (SELECT FROM auth.account a WHERE a.id = own AND a.totp_sealed IS NOT NULL) THEN
        RETURN 'last';
    END IF;
    DELETE FROM auth.passkey k WHERE k.id = p_passkey;
    DELETE FROM auth.recovery_code r WHERE r.account_id = own AND NOT auth.has_factor(own);
    RETURN 'removed';
END
$$;

ALTER FUNCTION auth.passkey_remove(p_passkey uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.passkey_rename(p_passkey uuid, p_revision integer, p_sealed bytea) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    UPDATE auth.passkey k SET passkey_sealed = p_sealed, revision = k.revision + 1
    FROM auth.account a
    WHERE k.id = p_passkey AND k.revision = p_revision AND a.id = k.account_id AND a.id = auth.actor()
      AND a.realm = auth.realm()
    RETURNING k.revision
$$;

ALTER FUNCTION auth.passkey_rename(p_passkey uuid, p_revision integer, p_sealed bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.passkey_spend(p_realm text, p_purpose text, p_challenge_hash bytea, p_account uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    good boolean;
BEGIN
    PERFORM auth.begun(p_account);
    DELETE FROM auth.passkey_challenge h
    WHERE h.challenge_hash = p_challenge_hash AND h.realm = p_realm AND h.purpose = p_purpose
      AND h.account_id IS NOT DISTINCT FROM p_account
    RETURNING h.expires_at > now() INTO good;
    IF good AND p_account IS NOT NULL THEN
        UPDATE auth.account a SET passkey_asked = pg_current_xact_id(), passkey_purpose = p_purpose
        WHERE a.id = p_account AND a.realm = p_realm;
        good := FOUND;
        PERFORM audit.about(p_account) WHERE p_realm = 'patient';
    END IF;
    RETURN coalesce(good, false);
END
$$;

ALTER FUNCTION auth.passkey_spend(p_realm text, p_purpose text, p_challenge_hash bytea, p_account uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.passkeys(p_passkey uuid) RETURNS TABLE(id uuid, revision integer, passkey_sealed bytea, backup_eligible boolean, backed_up boolean, created_at timestamp with time zone, last_used_at timestamp with time zone, doubted_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT k.id, k.revision, k.passkey_sealed, k.backup_eligible, k.backed_up, k.created_at, k.last_used_at, k.doubted_at
    FROM auth.passkey k JOIN auth.account a ON a.id = k.account_id
    WHERE a.id = auth.actor() AND a.realm = auth.realm() AND (p_passkey IS NULL OR k.id = p_passkey)
    ORDER BY k.created_at, k.id LIMIT 10
$$;

ALTER FUNCTION auth.passkeys(p_passkey uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.password_change(p_password_hash text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    UPDATE auth.account a SET password_hash = p_password_hash WHERE a.id = auth.actor() AND a.realm = auth.realm();
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM auth.end_all(auth.actor(), auth.session());
    RETURN true;
END
$$;

ALTER FUNCTION auth.password_change(p_password_hash text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.password_renew(p_realm text, p_account uuid, p_old text, p_new text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM auth.begun(p_account);
    UPDATE auth.account a SET password_hash = p_new
    WHERE a.id = p_account AND a.realm = p_realm AND a.password_hash = p_old;
    RETURN FOUND;
END
$$;

ALTER FUNCTION auth.password_renew(p_realm text, p_account uuid, p_old text, p_new text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.patient() RETURNS uuid
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN RETURN (SELECT a.patient_id FROM auth.acting a); END $$;

ALTER FUNCTION auth.patient() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.patient_address(p_patient uuid, p_revision integer, p_key bytea, p_email text, p_indexes bytea[]) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    it anamnesis.patient;
BEGIN
    IF auth.staff_writes() IS NOT TRUE OR NOT (auth.sees_all() OR auth.sees(p_patient)) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'the role may not do this';
    END IF;
    SELECT p.* INTO it FROM anamnesis.patient p
    WHERE p.practice_id = auth.practice() AND p.id = audit.about(p_patient) AND p.revision = p_revision
      AND p.status = 'active' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF coalesce(it.email_index = ANY (p_indexes), it.email_index IS NULL AND cardinality(p_indexes) = 0) THEN
        RETURN 'same';
    ELSIF it.registered_at IS NOT NULL THEN
        RETURN 'registered';
    END IF;
    UPDATE anamnesis.patient p
    SET email = phi.seal(p_key, 'patient.email:' || p.id::text, p_email), email_index = p_indexes[1]
    WHERE p.id = it.id;
    UPDATE anamnesis.invitation i SET status = 'revoked'
    WHERE i.patient_id = it.id AND i.status = 'pending' AND i.delivery = 'email';
    RETURN 'changed';
END
$$;

ALTER FUNCTION auth.patient_address(p_patient uuid, p_revision integer, p_key bytea, p_email text, p_indexes bytea[]) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.patient_archive(p_patient uuid, p_revision integer, p_archived boolean) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    made integer;
BEGIN
    IF auth.staff_writes() IS NOT TRUE OR NOT auth.sees(p_patient) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'the role may not do this';
    END IF;
    UPDATE anamnesis.patient p
    SET status = CASE WHEN p_archived THEN 'archived' ELSE 'active' END, revision = p.revision + 1, updated_at = now()
    WHERE p.practice_id = auth.practice() AND p.id = p_patient AND p.revision = p_revision
      AND p.status = CASE WHEN p_archived THEN 'active' ELSE 'archived' END
    RETURNING p.revision INTO made;
    IF made IS NOT NULL AND p_archived THEN
        PERFORM auth.end_all(p_patient, NULL);
        UPDATE anamnesis.invitation i SET status = 'revoked'
        WHERE i.practice_id = auth.practice() AND i.patient_id = p_patient AND i.status = 'pending';
    END IF;
    RETURN made;
END
$$;

ALTER FUNCTION auth.patient_archive(p_patient uuid, p_revision integer, p_archived boolean) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.patient_choose(p_revision integer, p_language text, p_reminders boolean) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    UPDATE anamnesis.patient p
    SET language = coalesce(p_language, p.language), reminders = coalesce(p_reminders, p.reminders),
        revision = p.revision + 1, updated_at = now()
    WHERE p.id = auth.patient() AND p.revision = p_revision
    RETURNING p.revision
$$;

ALTER FUNCTION auth.patient_choose(p_revision integer, p_language text, p_reminders boolean) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.patient_claim(p_patient uuid, p_email_indexes bytea[], p_record_number_indexes bytea[], OUT shared boolean, OUT unseen boolean) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    practice uuid := auth.practice();
    name text;
BEGIN
    IF auth.staff_writes() IS NOT TRUE OR cardinality(p_email_indexes) > 16 OR cardinality(p_record_number_indexes) > 16 THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'nobody is signed in who could store this';
    END IF;
    -- In one order, so that nobody waits in a circle.
    FOR name IN SELECT 'patient.email' || encode(i, 'hex') FROM unnest(p_email_indexes) AS e (i)
                UNION ALL SELECT 'patient.record_number' || encode(i, 'hex') FROM unnest(p_record_number_indexes) AS n (i)
                ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended(practice::text || name, 0));
    END LOOP;
    IF EXISTS (SELECT FROM anamnesis.patient p
               WHERE p.practice_id = practice AND p.record_number_index = ANY (p_record_number_indexes)
                 AND p.id <> p_patient AND auth.sees(p.id)) THEN
        RAISE EXCEPTION USING ERRCODE = '23505', CONSTRAINT = 'patient_record_number_key',
                              MESSAGE = 'another patient has this record number';
    END IF;
    SELECT coalesce(bool_or(auth.sees(p.id)), false), coalesce(bool_or(NOT auth.sees(p.id)), false)
    INTO patient_claim.shared, patient_claim.unseen
    FROM anamnesis.patient p
    WHERE p.practice_id = practice AND p.id <> p_patient
      AND (p.email_index = ANY (p_email_indexes) OR p.record_number_index = ANY (p_record_number_indexes));
END
$$;

ALTER FUNCTION auth.patient_claim(p_patient uuid, p_email_indexes bytea[], p_record_number_indexes bytea[], OUT shared boolean, OUT unseen boolean) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.patient_erase(p_patient uuid, p_revision integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() IS DISTINCT FROM 'owner' OR NOT auth.is_fresh() THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'erasing needs an owner with fresh proof';
    END IF;
    UPDATE anamnesis.patient p
    SET status = 'erased', given_name = NULL, family_name = NULL, birth_date = NULL, email = NULL, record_number = NULL,
        email_index = NULL, record_number_index = NULL, language = NULL, registered_at = NULL, reminders = false, revision = p.revision + 1, updated_at = now()
    WHERE p.practice_id = auth.practice() AND p.id = p_patient AND p.revision = p_revision AND p.status <> 'erased';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM anamnesis.data_key d WHERE d.patient_id = p_patient;
    INSERT INTO auth.erasure (patient_id, practice_id) VALUES (p_patient, auth.practice());
    DELETE FROM auth.recovery_code r WHERE r.account_id = p_patient;
    DELETE FROM auth.challenge c WHERE c.account_id = p_patient;
    DELETE FROM auth.session s WHERE s.account_id = p_patient;
    DELETE FROM auth.account a WHERE a.id = p_patient;
    DELETE FROM auth.address_change c WHERE c.account_id = p_patient;
    UPDATE anamnesis.invitation i SET status = 'revoked'
    WHERE i.practice_id = auth.practice() AND i.patient_id = p_patient AND i.status = 'pending';
    UPDATE anamnesis.assignment a SET status = 'cancelled', revision = a.revision + 1
    WHERE a.practice_id = auth.practice() AND a.patient_id = p_patient AND a.status IN ('assigned', 'in-progress');
    DELETE FROM anamnesis.outbox o WHERE o.patient_id = p_patient;
    DELETE FROM anamnesis.idempotency i
    WHERE i.practice_id = auth.practice() AND (i.actor_id = p_patient OR p_patient = ANY (i.patient_ids));
    RETURN true;
END
$$;

ALTER FUNCTION auth.patient_erase(p_patient uuid, p_revision integer) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.practice() RETURNS uuid
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN RETURN (SELECT a.practice_id FROM auth.acting a); END $$;

ALTER FUNCTION auth.practice() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.practice_change(p_revision integer, p_patient_mfa text, p_staff_idle integer, p_patient_idle integer, p_hours integer, p_patient_access text, p_language text, p_time_zone text, p_email_by text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    made integer;
BEGIN
    PERFORM auth.as_owner();
    UPDATE anamnesis.practice c
    SET patient_mfa = coalesce(p_patient_mfa, c.patient_mfa),
        staff_idle_minutes = coalesce(p_staff_idle, c.staff_idle_minutes),
        patient_idle_minutes = coalesce(p_patient_idle, c.patient_idle_minutes),
        session_hours = coalesce(p_hours, c.session_hours),
        patient_access = coalesce(p_patient_access, c.patient_access),
        language = coalesce(p_language, c.language), time_zone = coalesce(p_time_zone, c.time_zone),
        patient_email_by = coalesce(p_email_by, c.patient_email_by), revision = c.revision + 1
    WHERE c.id = auth.practice() AND c.revision = p_revision
    RETURNING c.revision INTO made;
    RETURN made;
END
$$;

ALTER FUNCTION auth.practice_change(p_revision integer, p_patient_mfa text, p_staff_idle integer, p_patient_idle integer, p_hours integer, p_patient_access text, p_language text, p_time_zone text, p_email_by text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.prove(p_realm text, p_token_hash bytea, p_roles integer, p_operation text, p_request_id uuid, p_client_address text, OUT practice_id uuid, OUT actor_id uuid, OUT role text, OUT session_id uuid, OUT wrapped_key bytea) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    seen timestamptz;
    fresh timestamptz;
    mask integer;
    kind text;
    secret bytea;
    said text;
    present bytea := p_token_hash;
BEGIN
    LOOP
        IF p_realm = 'staff' THEN
            SELECT s.practice_id, s.account_id, m.role, s.id, m.wrapped_key, s.last_seen_at, s.stepped_up_at,
                   's' || CASE WHEN m.role IN ('owner', 'auditor') OR c.patient_access = 'all' THEN 'a' ELSE '-' END
                   || CASE m.role WHEN 'auditor' THEN 'u' ELSE left(m.role, 1) END, k.secret
            INTO prove.practice_id, prove.actor_id, prove.role, prove.session_id, prove.wrapped_key, seen, fresh, kind, secret
            FROM auth.session s
            CROSS JOIN auth.proof_key k
            JOIN anamnesis.staff m ON m.id = s.account_id
            JOIN anamnesis.practice c ON c.id = m.practice_id
            WHERE s.token_hash = present AND s.realm = 'staff' AND s.ended_at IS NULL AND s.expires_at > now()
              AND s.last_seen_at > now() - s.idle_seconds * interval '1 second' AND m.status = 'active';
            mask := CASE prove.role WHEN 'owner' THEN 1 WHEN 'physician' THEN 2 WHEN 'assistant' THEN 4
                                    WHEN 'auditor' THEN 8 END;
        ELSE
            SELECT s.practice_id, s.account_id, 'patient', s.id, d.wrapped_key, s.last_seen_at, s.stepped_up_at,
                   CASE WHEN s.held_until > now() THEN 'pht' ELSE 'p-t' END, k.secret
            INTO prove.practice_id, prove.actor_id, prove.role, prove.session_id, prove.wrapped_key, seen, fresh, kind, secret
            FROM auth.session s
            CROSS JOIN auth.proof_key k
            JOIN anamnesis.patient p ON p.id = s.account_id
            JOIN anamnesis.data_key d ON d.patient_id = p.id
            WHERE p_realm = 'patient' AND s.token_hash = present AND s.realm = 'patient' AND s.ended_at IS NULL
              AND s.expires_at > now() AND s.last_seen_at > now() - s.idle_seconds * interval '1 second'
              AND p.status = 'active';
            mask := 16;
        END IF;
        EXIT WHEN seen IS NOT NULL OR present <> p_token_hash;
        SELECT s.token_hash INTO present FROM auth.session s WHERE s.former_hash = p_token_hash AND s.former_until > now();
        EXIT WHEN NOT FOUND;
    END LOOP;
    IF present <> p_token_hash THEN
        fresh := NULL;
        said := set_config('anamnesis.former', 'yes', true);
    END IF;
    IF seen IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'AN401', MESSAGE = 'there is no such session';
    ELSIF (mask & p_roles) = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'the role may not do this';
    ELSIF (p_roles & 32) <> 0 AND (fresh IS NULL OR fresh < now() - interval '5 minutes') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN430', MESSAGE = 'this needs a second factor of the last five minutes';
    END IF;
    IF seen < now() - interval '1 minute' THEN
        UPDATE auth.session SET last_seen_at = now()
        WHERE id = (SELECT s.id FROM auth.session s WHERE s.id = prove.session_id FOR UPDATE SKIP LOCKED);
    END IF;
    said := kind || prove.practice_id::text || prove.actor_id::text || prove.session_id::text || p_request_id::text
            || rpad(p_operation, 64) || rpad(coalesce(p_client_address, ''), 64);
    said := set_config('anamnesis.actor', auth.signed(secret, said), true);
END
$$;

ALTER FUNCTION auth.prove(p_realm text, p_token_hash bytea, p_roles integer, p_operation text, p_request_id uuid, p_client_address text, OUT practice_id uuid, OUT actor_id uuid, OUT role text, OUT session_id uuid, OUT wrapped_key bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.realm() RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN RETURN (SELECT a.realm FROM auth.acting a); END $$;

ALTER FUNCTION auth.realm() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.recovery_answer(p_answer_hash bytea, p_answer text, p_password_hash text) RETURNS TABLE(patient_id uuid, practice_name text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    it anamnesis.invitation;
BEGIN
    PERFORM auth.begun(NULL);
    PERFORM FROM anamnesis.patient p
    WHERE p.id = (SELECT i.patient_id FROM anamnesis.invitation i WHERE i.answer_hash = p_answer_hash) FOR NO KEY UPDATE;
    UPDATE anamnesis.invitation i
    SET answer = p_answer,
        status = CASE WHEN p_answer = 'stop' AND i.status IN ('pending', 'spent') THEN 'revoked' ELSE i.status END
    WHERE i.answer_hash = p_answer_hash AND i.answer IS NULL
      AND (i.status IN ('pending', 'spent') OR (i.status = 'used' AND i.used_at > now() - interval '72 hours'))
      AND i.created_at > now() - interval '31 days'
    RETURNING i.* INTO it;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM auth.concerns(it.practice_id, it.patient_id);
    IF it.status = 'used' AND p_answer = 'mine' THEN
        PERFORM auth.unhold(it.patient_id) FROM auth.account a WHERE a.id = it.patient_id AND a.held_mail;
    ELSIF it.status = 'used' THEN
        PERFORM auth.shut(it.patient_id, p_password_hash);
    END IF;
    RETURN QUERY SELECT audit.about(it.patient_id), c.name FROM anamnesis.practice c WHERE c.id = it.practice_id;
END
$$;

ALTER FUNCTION auth.recovery_answer(p_answer_hash bytea, p_answer text, p_password_hash text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.recovery_replace(p_realm text, p_account uuid, p_hashes bytea[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM auth.begun(p_account);
    IF cardinality(p_hashes) > 20
        OR NOT (auth.factor_is_fresh(p_account) OR (p_account = auth.actor() AND auth.is_fresh())) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'recovery codes need a fresh second factor';
    END IF;
    DELETE FROM auth.recovery_code r WHERE r.account_id = p_account;
    INSERT INTO auth.recovery_code (account_id, code_hash)
    SELECT a.id, h.hash FROM auth.account a, unnest(p_hashes) AS h (hash)
    WHERE a.id = p_account AND a.realm = p_realm AND auth.has_factor(a.id);
END
$$;

ALTER FUNCTION auth.recovery_replace(p_realm text, p_account uuid, p_hashes bytea[]) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.recovery_use(p_realm text, p_account uuid, p_hashes bytea[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM auth.begun(p_account);
    UPDATE auth.recovery_code r SET used_at = now()
    WHERE r.account_id = p_account AND r.code_hash = ANY (p_hashes) AND r.used_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE auth.account a SET factor_xact = pg_current_xact_id() WHERE a.id = p_account AND a.realm = p_realm;
    RETURN FOUND;
END
$$;

ALTER FUNCTION auth.recovery_use(p_realm text, p_account uuid, p_hashes bytea[]) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.register(p_token_hash bytea, p_password_hash text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    patient uuid;
    practice uuid;
    again boolean;
    shown boolean;
    before text;
BEGIN
    PERFORM auth.begun(NULL);
    -- The patient first: two links of one patient wait for each other, and none waits for what the other holds.
    PERFORM FROM anamnesis.patient p
    WHERE p.id = (SELECT i.patient_id FROM anamnesis.invitation i WHERE i.token_hash = p_token_hash) FOR NO KEY UPDATE;
    UPDATE anamnesis.invitation i SET status = 'used', used_at = now()
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
    RETURNING i.patient_id, i.practice_id, i.recovers, i.delivery = 'link' AND i.answer IS NULL
    INTO patient, practice, again, shown;
    IF patient IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE anamnesis.patient p SET registered_at = coalesce(p.registered_at, now())
    WHERE p.id = patient AND p.status = 'active' AND (p.registered_at IS NOT NULL) = again;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF again THEN
        SELECT a.password_hash INTO before FROM auth.account a WHERE a.id = patient FOR NO KEY UPDATE;
        IF auth.address_recent(patient) IS NOT NULL THEN
            PERFORM auth.hold(patient, before, greatest(auth.address_recent(patient), now() + interval '72 hours'), false);
        ELSIF shown THEN
            PERFORM auth.hold(patient, before, now() + interval '72 hours', true);
        END IF;
        UPDATE auth.account a
        SET password_hash = p_password_hash, totp_sealed = NULL, totp_pending = NULL, totp_step = 0, factor_xact = NULL,
            recover_only = false
        WHERE a.id = patient;
        DELETE FROM auth.recovery_code r WHERE r.account_id = patient;
        DELETE FROM auth.passkey k WHERE k.account_id = patient;
        PERFORM auth.end_all(patient, NULL);
    ELSE
        INSERT INTO auth.account (id, practice_id, realm, password_hash)
        VALUES (patient, practice, 'patient', p_password_hash);
    END IF;
    UPDATE anamnesis.invitation i SET status = 'revoked'
    WHERE i.practice_id = practice AND i.patient_id = patient AND i.status = 'pending';
    RETURN patient;
END
$$;

ALTER FUNCTION auth.register(p_token_hash bytea, p_password_hash text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.registration_propose(p_token_hash bytea, p_id uuid, p_key bytea, p_email text, p_confirm_hash bytea, p_password_hash text, p_expires_at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    it record;
BEGIN
    PERFORM auth.begun(NULL);
    SELECT i.id, i.patient_id, i.practice_id, i.expires_at INTO it
    FROM auth.invitation_by_token(p_token_hash) AS t JOIN anamnesis.invitation i ON i.id = t.invitation_id
    JOIN anamnesis.patient p ON p.id = i.patient_id
    WHERE p.email IS NULL AND NOT i.recovers;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF (SELECT count(*) FROM auth.address_change c
           WHERE c.account_id = it.patient_id AND c.proposed_at > now() - interval '1 day') >= 5 THEN
        RETURN 'limit';
    END IF;
    UPDATE auth.address_change c SET ended_at = now()
    WHERE c.account_id = it.patient_id AND c.confirmed_at IS NULL AND c.ended_at IS NULL;
    INSERT INTO auth.address_change (id, practice_id, realm, account_id, proposed_by, new_email, confirm_hash, expires_at,
                                     invitation_id, password_hash)
    VALUES (p_id, it.practice_id, 'patient', it.patient_id, it.patient_id,
            phi.seal(p_key, 'address_change.new_email:' || p_id::text, p_email), p_confirm_hash,
            least(p_expires_at, it.expires_at), it.id, p_password_hash);
    RETURN 'proposed';
END
$$;

ALTER FUNCTION auth.registration_propose(p_token_hash bytea, p_id uuid, p_key bytea, p_email text, p_confirm_hash bytea, p_password_hash text, p_expires_at timestamp with time zone) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.reset_account(p_realm text, p_token_hash bytea) RETURNS TABLE(account_id uuid, practice_name text, wrapped_key bytea, email bytea, with_factor boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    PERFORM auth.begun(NULL);
    SELECT h.account_id INTO reset_account.account_id FROM auth.challenge h
    WHERE h.token_hash = p_token_hash AND h.realm = p_realm AND h.purpose = 'reset';
    PERFORM FROM anamnesis.staff s WHERE p_realm = 'staff' AND s.id = reset_account.account_id FOR NO KEY UPDATE;
    PERFORM FROM anamnesis.patient p WHERE p_realm = 'patient' AND p.id = reset_account.account_id FOR NO KEY UPDATE;
    SELECT a.id, c.name, coalesce(m.wrapped_key, d.wrapped_key), coalesce(m.email, p.email)::bytea,
           auth.has_factor(a.id) OR auth.needs_factor(a.id), a.practice_id
    INTO reset_account.account_id, reset_account.practice_name, reset_account.wrapped_key, reset_account.email,
         reset_account.with_factor, practice
    FROM auth.challenge h
    JOIN auth.account a ON a.id = h.account_id
    JOIN anamnesis.practice c ON c.id = a.practice_id
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id AND m.status = 'active'
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id AND p.status = 'active'
    LEFT JOIN anamnesis.data_key d ON d.patient_id = p.id
    WHERE h.token_hash = p_token_hash AND h.realm = p_realm AND h.purpose = 'reset' AND h.used_at IS NULL
      AND h.expires_at > now() AND NOT a.recover_only AND num_nonnulls(m.id, p.id) = 1
    FOR UPDATE OF h;
    IF FOUND THEN
        PERFORM auth.concerns(practice, reset_account.account_id);
        RETURN NEXT;
    END IF;
END
$$;

ALTER FUNCTION auth.reset_account(p_realm text, p_token_hash bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.reset_begin(p_realm text, p_email_index bytea, p_hashes bytea[]) RETURNS TABLE(account_id uuid, practice_id uuid, practice_name text, wrapped_key bytea, token_number integer, expires_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    one record;
BEGIN
    PERFORM auth.begun(NULL);
    token_number := 0;
    FOR one IN
        SELECT a.id, a.practice_id, c.name, coalesce(m.wrapped_key, d.wrapped_key) AS wrapped_key
        FROM auth.account a
        JOIN anamnesis.practice c ON c.id = a.practice_id
        LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id AND m.status = 'active'
        LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id AND p.status = 'active'
        LEFT JOIN anamnesis.data_key d ON d.patient_id = p.id
        WHERE a.realm = p_realm AND NOT a.recover_only AND coalesce(m.email_index, p.email_index) = p_email_index
          AND a.id IN (SELECT s.id FROM anamnesis.staff s WHERE s.email_index = p_email_index
                       UNION ALL SELECT q.id FROM anamnesis.patient q WHERE q.email_index = p_email_index)
        ORDER BY a.id LIMIT 16
    LOOP
        PERFORM FROM anamnesis.staff s WHERE s.id = one.id AND s.email_index = p_email_index FOR SHARE;
        CONTINUE WHEN p_realm = 'staff' AND NOT FOUND;
        PERFORM FROM anamnesis.patient p WHERE p.id = one.id AND p.email_index = p_email_index FOR SHARE;
        CONTINUE WHEN p_realm = 'patient' AND NOT FOUND;
        CONTINUE WHEN token_number >= cardinality(p_hashes) OR 3 <= (
            SELECT count(*) FROM auth.challenge c
            WHERE c.account_id = one.id AND c.purpose = 'reset' AND c.created_at > now() - interval '1 hour');
        token_number := token_number + 1;
        INSERT INTO auth.challenge AS c (token_hash, practice_id, realm, account_id, purpose, delivery, expires_at)
        VALUES (p_hashes[token_number], one.practice_id, p_realm, one.id, 'reset', 'email', now() + interval '30 minutes')
        RETURNING c.expires_at INTO expires_at;
        account_id := one.id;
        practice_id := one.practice_id;
        practice_name := one.name;
        wrapped_key := one.wrapped_key;
        PERFORM auth.concerns(one.practice_id, one.id);
        RETURN NEXT;
    END LOOP;
END
$$;

ALTER FUNCTION auth.reset_begin(p_realm text, p_email_index bytea, p_hashes bytea[]) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.reset_finish(p_realm text, p_token_hash bytea, p_password_hash text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    account uuid;
    before text;
BEGIN
    PERFORM auth.begun(NULL);
    UPDATE auth.challenge c SET used_at = now()
    WHERE c.token_hash = p_token_hash AND c.realm = p_realm AND c.purpose = 'reset' AND c.used_at IS NULL
      AND c.expires_at > now()
    RETURNING c.account_id INTO account;
    IF account IS NULL THEN
        RETURN false;
    END IF;
    SELECT a.password_hash INTO before FROM auth.account a WHERE a.id = account FOR NO KEY UPDATE;
    IF auth.address_recent(account) IS NOT NULL THEN
        PERFORM auth.hold(account, before, auth.address_recent(account), false);
    ELSE
        PERFORM auth.unhold(account) FROM auth.account a WHERE a.id = account AND a.held_mail;
    END IF;
    UPDATE auth.account a SET password_hash = p_password_hash WHERE a.id = account AND a.realm = p_realm;
    PERFORM auth.end_all(account, NULL);
    RETURN true;
END
$$;

ALTER FUNCTION auth.reset_finish(p_realm text, p_token_hash bytea, p_password_hash text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.role() RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN RETURN (SELECT a.role FROM auth.acting a); END $$;

ALTER FUNCTION auth.role() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.sees(p_patient uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    who record;
BEGIN
    SELECT a.staffs, a.actor_id, a.sees_all INTO who FROM auth.acting a;
    RETURN who.staffs IS NOT NULL AND (
        (who.sees_all AND EXISTS (SELECT FROM anamnesis.patient p WHERE p.practice_id = who.staffs AND p.id = p_patient))
        OR EXISTS (SELECT FROM anamnesis.care_team c
                   WHERE c.practice_id = who.staffs AND c.staff_id = who.actor_id AND c.patient_id = p_patient)
        OR EXISTS (SELECT FROM anamnesis.break_glass g
                   WHERE g.practice_id = who.staffs AND g.staff_id = who.actor_id AND g.patient_id = p_patient
                     AND g.expires_at > now()));
END
$$;

ALTER FUNCTION auth.sees(p_patient uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.sees_all() RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN RETURN coalesce((SELECT a.sees_all FROM auth.acting a), false); END $$;

ALTER FUNCTION auth.sees_all() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.session() RETURNS uuid
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN RETURN (SELECT a.session_id FROM auth.acting a); END $$;

ALTER FUNCTION auth.session() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.session_create(p_challenge bytea, p_realm text, p_account uuid, p_token_hash bytea, p_client_address text, p_user_agent text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    made uuid := anamnesis.uuid_v7();
    allowed boolean;
    whole boolean := false;
BEGIN
    PERFORM auth.begun(p_account);
    IF p_challenge IS NOT NULL THEN
        UPDATE auth.challenge c SET used_at = now()
        WHERE c.token_hash = p_challenge AND c.realm = p_realm AND c.account_id = p_account AND c.used_at IS NULL
          AND c.purpose <> 'reset' AND c.expires_at > now();
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        allowed := auth.factor_is_fresh(p_account);
    ELSE
        SELECT coalesce(a.passkey_xact = pg_current_xact_id(), false) INTO whole
        FROM auth.account a WHERE a.id = p_account AND a.realm = p_realm;
        SELECT whole OR (p_realm = 'patient' AND NOT auth.has_factor(a.id) AND c.patient_mfa = 'optional') INTO allowed
        FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id
        WHERE a.id = p_account;
    END IF;
    IF allowed IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'a session needs a second factor here';
    END IF;
    INSERT INTO auth.session (id, practice_id, realm, account_id, token_hash, idle_seconds, expires_at, client_address,
                              user_agent, stepped_up_at, held_since, held_until)
    SELECT made, a.practice_id, a.realm, a.id, p_token_hash,
           60 * CASE a.realm WHEN 'staff' THEN c.staff_idle_minutes ELSE c.patient_idle_minutes END,
           now() + c.session_hours * interval '1 hour', left(p_client_address, 64), left(p_user_agent, 256),
           CASE WHEN whole OR p_challenge IS NOT NULL THEN now() END, a.held_since, a.held_until
    FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id
    WHERE a.id = p_account AND a.realm = p_realm;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'AN401', MESSAGE = 'there is no such account';
    END IF;
    RETURN made;
END
$$;

ALTER FUNCTION auth.session_create(p_challenge bytea, p_realm text, p_account uuid, p_token_hash bytea, p_client_address text, p_user_agent text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.session_end() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    UPDATE auth.session SET ended_at = now() WHERE id = auth.session() AND ended_at IS NULL
$$;

ALTER FUNCTION auth.session_end() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.session_end_all() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ SELECT auth.end_all(auth.actor(), NULL) $$;

ALTER FUNCTION auth.session_end_all() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.session_end_one(p_session uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    UPDATE auth.session SET ended_at = now()
    WHERE id = p_session AND account_id = auth.actor() AND realm = auth.realm() AND ended_at IS NULL;
    RETURN FOUND;
END
$$;

ALTER FUNCTION auth.session_end_one(p_session uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.session_expires_at() RETURNS timestamp with time zone
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT s.expires_at FROM auth.session s WHERE s.id = auth.session()
$$;

ALTER FUNCTION auth.session_expires_at() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.session_step_up(p_token_hash bytea) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NOT auth.factor_is_fresh(auth.actor()) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'stepping up needs a second factor';
    END IF;
    UPDATE auth.session SET token_hash = p_token_hash, stepped_up_at = now(), last_seen_at = now(),
        former_hash = token_hash, former_until = now() + interval '10 seconds'
    WHERE id = auth.session() AND ended_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'AN401', MESSAGE = 'the session has ended';
    END IF;
    RETURN now() + interval '5 minutes';
END
$$;

ALTER FUNCTION auth.session_step_up(p_token_hash bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.sessions() RETURNS TABLE(id uuid, created_at timestamp with time zone, last_seen_at timestamp with time zone, expires_at timestamp with time zone, client_address text, user_agent text, present boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT s.id, s.created_at, s.last_seen_at, s.expires_at, s.client_address, s.user_agent, s.id = auth.session()
    FROM auth.session s
    WHERE s.account_id = auth.actor() AND s.realm = auth.realm() AND s.ended_at IS NULL AND s.expires_at > now()
      AND s.last_seen_at > now() - s.idle_seconds * interval '1 second'
    ORDER BY s.id DESC LIMIT 200
$$;

ALTER FUNCTION auth.sessions() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.shut(p_account uuid, p_password_hash text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    UPDATE auth.account a
    SET password_hash = p_password_hash, totp_sealed = NULL, totp_pending = NULL, totp_step = 0, factor_xact = NULL,
        recover_only = true
    WHERE a.id = p_account;
    DELETE FROM auth.recovery_code r WHERE r.account_id = p_account;
    DELETE FROM auth.passkey k WHERE k.account_id = p_account;
    SELECT auth.unhold(p_account);
    SELECT auth.end_all(p_account, NULL);
$$;

ALTER FUNCTION auth.shut(p_account uuid, p_password_hash text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.sign_in_remember(p_device bytea, p_new_device bytea, p_place bytea, p_site bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    who uuid := auth.actor();
    kept boolean := EXISTS (SELECT FROM auth.familiar f WHERE f.mark = p_device AND f.kind = 'device'
                                                          AND f.seen_at > now() - interval '180 days');
    device bytea := CASE WHEN kept THEN p_device ELSE p_new_device END;
    new_here boolean := NOT EXISTS (SELECT FROM auth.familiar f WHERE f.account_id = who AND f.mark = p_place);
    keys bytea[];
    mine integer;
BEGIN
    IF NOT EXISTS (SELECT FROM auth.session s WHERE s.id = auth.session() AND s.created_at = now()) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'nobody has signed in just now';
    END IF;
    INSERT INTO auth.familiar AS f (account_id, mark, kind) VALUES (who, device, 'device'), (who, p_place, 'address')
    ON CONFLICT (account_id, mark) DO UPDATE SET seen_at = now();
    DELETE FROM auth.familiar f USING (
        SELECT g.mark, row_number() OVER (PARTITION BY g.kind ORDER BY g.seen_at DESC, g.mark) AS place
        FROM auth.familiar g WHERE g.account_id = who) AS old
    WHERE f.account_id = who AND f.mark = old.mark AND old.place > 20;
    SELECT array_agg(sha256(convert_to('account:' || auth.realm() || ':', 'UTF8') || t.name)) INTO keys
    FROM (SELECT convert_to(who::text, 'UTF8')
          UNION ALL SELECT m.email_index FROM anamnesis.staff m WHERE m.id = who
          UNION ALL SELECT p.email_index FROM anamnesis.patient p WHERE p.id = who) AS t (name)
    WHERE t.name IS NOT NULL;
    WITH gone AS (DELETE FROM auth.throttle t WHERE t.key = ANY (keys) RETURNING t.failures)
    SELECT least(5, coalesce(sum(g.failures), 0)) INTO mine FROM gone g;
    DELETE FROM auth.throttle t
    WHERE t.key IN (SELECT sha256(m.mark || k.key) FROM unnest(ARRAY[device, p_place]) AS m (mark), unnest(keys) AS k (key));
    IF new_here AND mine > 0 THEN
        UPDATE auth.throttle t
        SET failures = greatest(0, t.failures - mine),
            blocked_until = CASE WHEN t.failures - mine < CASE t.key WHEN p_place THEN 30 ELSE 240 END
                                 THEN clock_timestamp() ELSE t.blocked_until END
        WHERE t.key IN (p_place, p_site);
    END IF;
    RETURN kept;
END
$$;

ALTER FUNCTION auth.sign_in_remember(p_device bytea, p_new_device bytea, p_place bytea, p_site bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.signed(p_secret bytea, p_said text) RETURNS text
    LANGUAGE sql STABLE
    RETURN (p_said || encode(sha256((((p_secret || int4send(pg_backend_pid())) || timestamptz_send(now())) || convert_to(p_said, 'UTF8'::name))), 'hex'::text));

ALTER FUNCTION auth.signed(p_secret bytea, p_said text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.staff_change(p_staff uuid, p_revision integer, p_role text, p_status text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    made integer;
BEGIN
    PERFORM auth.as_owner();
    UPDATE anamnesis.staff s
    SET role = coalesce(p_role, s.role), revision = s.revision + 1,
        status = CASE WHEN p_status = 'active' AND NOT EXISTS (SELECT FROM auth.account a WHERE a.id = s.id)
                 THEN 'invited' ELSE coalesce(p_status, s.status) END
    WHERE s.practice_id = auth.practice() AND s.id = p_staff AND s.revision = p_revision
    RETURNING s.revision INTO made;
    IF NOT EXISTS (SELECT FROM anamnesis.staff s
                   WHERE s.practice_id = auth.practice() AND s.role = 'owner' AND s.status = 'active') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN432', MESSAGE = 'the practice would have no active owner';
    END IF;
    IF made IS NOT NULL AND p_status = 'disabled' THEN
        PERFORM auth.end_all(p_staff, NULL);
        UPDATE auth.staff_invitation i SET used_at = now() WHERE i.staff_id = p_staff AND i.used_at IS NULL;
    END IF;
    RETURN made;
END
$$;

ALTER FUNCTION auth.staff_change(p_staff uuid, p_revision integer, p_role text, p_status text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.staff_invite(p_staff uuid, p_role text, p_email_index bytea, p_wrapped_key bytea, p_key bytea, p_email text, p_name text, p_token_hash bytea, p_expires_at timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM auth.as_owner();
    RETURN auth.staff_join(auth.practice(), p_staff, p_role, p_email_index, p_wrapped_key, p_key, p_email, p_name,
                           p_token_hash, p_expires_at);
END
$$;

ALTER FUNCTION auth.staff_invite(p_staff uuid, p_role text, p_email_index bytea, p_wrapped_key bytea, p_key bytea, p_email text, p_name text, p_token_hash bytea, p_expires_at timestamp with time zone) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.staff_invited(p_token_hash bytea) RETURNS TABLE(staff_id uuid, practice_name text, role text, wrapped_key bytea, email bytea, expires_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    PERFORM auth.begun(NULL);
    SELECT s.id, c.name, s.role, s.wrapped_key, s.email::bytea, i.expires_at, i.practice_id
    INTO staff_invited.staff_id, staff_invited.practice_name, staff_invited.role, staff_invited.wrapped_key,
         staff_invited.email, staff_invited.expires_at, practice
    FROM auth.staff_invitation i
    JOIN anamnesis.staff s ON s.id = i.staff_id
    JOIN anamnesis.practice c ON c.id = i.practice_id
    WHERE i.token_hash = p_token_hash AND i.used_at IS NULL AND i.expires_at > now() AND s.status IN ('invited', 'active')
    FOR UPDATE OF i;
    IF FOUND THEN
        PERFORM auth.concerns(practice, staff_invited.staff_id);
        RETURN NEXT;
    END IF;
END
$$;

ALTER FUNCTION auth.staff_invited(p_token_hash bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.staff_join(p_practice uuid, p_staff uuid, p_role text, p_email_index bytea, p_wrapped_key bytea, p_key bytea, p_email text, p_name text, p_token_hash bytea, p_expires_at timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    made timestamptz;
BEGIN
    INSERT INTO anamnesis.staff (id, practice_id, role, status, email_index, wrapped_key, email, name)
    VALUES (p_staff, p_practice, p_role, 'invited', p_email_index, p_wrapped_key,
            phi.seal(p_key, 'staff.email:' || p_staff::text, p_email),
            phi.seal(p_key, 'staff.name:' || p_staff::text, p_name))
    RETURNING created_at INTO made;
    PERFORM auth.staff_link(p_practice, p_staff, p_token_hash, p_expires_at);
    RETURN made;
END
$$;

ALTER FUNCTION auth.staff_join(p_practice uuid, p_staff uuid, p_role text, p_email_index bytea, p_wrapped_key bytea, p_key bytea, p_email text, p_name text, p_token_hash bytea, p_expires_at timestamp with time zone) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.staff_link(p_practice uuid, p_staff uuid, p_token_hash bytea, p_expires_at timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM FROM anamnesis.staff s
    WHERE s.practice_id = p_practice AND s.id = p_staff AND s.status IN ('invited', 'active') FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM auth.end_all(p_staff, NULL);
    UPDATE auth.staff_invitation i SET used_at = now() WHERE i.staff_id = p_staff AND i.used_at IS NULL;
    INSERT INTO auth.staff_invitation (token_hash, practice_id, staff_id, expires_at)
    VALUES (p_token_hash, p_practice, p_staff, least(p_expires_at, now() + interval '7 days'));
    RETURN true;
END
$$;

ALTER FUNCTION auth.staff_link(p_practice uuid, p_staff uuid, p_token_hash bytea, p_expires_at timestamp with time zone) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.staff_readdress(p_staff uuid, p_key bytea, p_email text, p_indexes bytea[], p_token_hash bytea, p_expires_at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM auth.as_owner();
    PERFORM FROM anamnesis.staff s
    WHERE s.practice_id = auth.practice() AND s.id = p_staff AND s.status = 'invited'
      AND NOT EXISTS (SELECT FROM auth.account a WHERE a.id = s.id) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF auth.address_taken('staff', auth.practice(), p_staff, p_indexes) THEN
        RETURN 'taken';
    END IF;
    PERFORM auth.address_store('staff', p_staff, p_key, p_email, p_indexes[1]);
    PERFORM auth.staff_link(auth.practice(), p_staff, p_token_hash, p_expires_at);
    RETURN 'invited';
END
$$;

ALTER FUNCTION auth.staff_readdress(p_staff uuid, p_key bytea, p_email text, p_indexes bytea[], p_token_hash bytea, p_expires_at timestamp with time zone) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.staff_register(p_token_hash bytea, p_password_hash text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    member uuid;
    practice uuid;
BEGIN
    PERFORM auth.begun(NULL);
    UPDATE auth.staff_invitation i SET used_at = now()
    WHERE i.token_hash = p_token_hash AND i.used_at IS NULL AND i.expires_at > now()
    RETURNING i.staff_id, i.practice_id INTO member, practice;
    UPDATE anamnesis.staff s SET status = 'active', revision = s.revision + 1
    WHERE s.id = member AND s.status IN ('invited', 'active');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO auth.account AS a (id, practice_id, realm, password_hash) VALUES (member, practice, 'staff', p_password_hash)
    ON CONFLICT (id) DO UPDATE
    SET password_hash = excluded.password_hash, totp_sealed = NULL, totp_pending = NULL, totp_step = 0, factor_xact = NULL,
        recover_only = false;
    DELETE FROM auth.recovery_code r WHERE r.account_id = member;
    DELETE FROM auth.passkey k WHERE k.account_id = member;
    PERFORM auth.end_all(member, NULL);
    RETURN true;
END
$$;

ALTER FUNCTION auth.staff_register(p_token_hash bytea, p_password_hash text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.staff_reinvite(p_staff uuid, p_token_hash bytea, p_expires_at timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM auth.as_owner();
    IF auth.address_recent(p_staff) IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'AN436', MESSAGE = 'their address was changed a short time ago';
    END IF;
    RETURN auth.staff_link(auth.practice(), p_staff, p_token_hash, p_expires_at);
END
$$;

ALTER FUNCTION auth.staff_reinvite(p_staff uuid, p_token_hash bytea, p_expires_at timestamp with time zone) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.staff_rename(p_revision integer, p_key bytea, p_name text) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    UPDATE anamnesis.staff s SET name = phi.seal(p_key, 'staff.name:' || s.id::text, p_name), revision = s.revision + 1
    WHERE s.id = auth.actor() AND auth.realm() = 'staff' AND s.revision = p_revision
    RETURNING s.revision
$$;

ALTER FUNCTION auth.staff_rename(p_revision integer, p_key bytea, p_name text) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.staff_writes() RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN RETURN (SELECT a.writes IS NOT NULL FROM auth.acting a); END $$;

ALTER FUNCTION auth.staff_writes() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.sweep(p_most integer) RETURNS TABLE(challenges bigint, sessions bigint, throttles bigint, replies bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM auth.challenge WHERE token_hash IN (
        SELECT c.token_hash FROM auth.challenge c WHERE c.expires_at < now() - interval '1 day'
        LIMIT p_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS challenges = ROW_COUNT;
    DELETE FROM auth.session WHERE id IN (
        SELECT s.id FROM auth.session s WHERE s.expires_at < now() - interval '30 days'
        LIMIT p_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS sessions = ROW_COUNT;
    DELETE FROM auth.throttle WHERE key IN (
        SELECT t.key FROM auth.throttle t WHERE t.counts_until < now() LIMIT p_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS throttles = ROW_COUNT;
    DELETE FROM auth.familiar WHERE (account_id, mark) IN (
        SELECT f.account_id, f.mark FROM auth.familiar f WHERE f.seen_at < now() - interval '180 days'
        LIMIT p_most FOR UPDATE SKIP LOCKED);
    DELETE FROM audit.stranger WHERE ctid IN (
        SELECT n.ctid FROM audit.stranger n WHERE n.hour < now() - interval '1 year' LIMIT p_most FOR UPDATE SKIP LOCKED);
    DELETE FROM anamnesis.idempotency WHERE ctid IN (
        SELECT i.ctid FROM anamnesis.idempotency i WHERE i.created_at < now() - interval '24 hours'
        LIMIT p_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS replies = ROW_COUNT;
    RETURN NEXT;
END
$$;

ALTER FUNCTION auth.sweep(p_most integer) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.throttle_check(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea, p_network bytea, p_site bytea) RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    seconds integer;
    stranger boolean;
    counted boolean;
BEGIN
    PERFORM auth.begun(auth.actor());
    SELECT coalesce(max(greatest(0, ceil(extract(epoch FROM t.blocked_until - clock_timestamp())))), 0),
           coalesce(bool_or(k.key = p_key), false), coalesce(bool_or(t.key = p_key), false)
    INTO seconds, stranger, counted
    FROM auth.throttle_keys(p_realm, p_indexes, p_account, p_key, p_device, p_place, p_network, p_site) AS k
    LEFT JOIN auth.throttle t ON t.key = k.key AND t.counts_until > clock_timestamp();
    IF seconds = 0 AND stranger AND NOT counted AND p_network IS NOT NULL AND (
        SELECT count(*) FROM auth.throttle t
        WHERE t.origin = coalesce(p_site, p_network) AND t.last_failure > clock_timestamp() - interval '1 day')
        >= (CASE WHEN p_site IS NULL THEN 100 ELSE 400 END) THEN
        RETURN 900;
    END IF;
    RETURN seconds;
END
$$;

ALTER FUNCTION auth.throttle_check(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea, p_network bytea, p_site bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.throttle_clear(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM auth.begun(auth.actor());
    DELETE FROM auth.throttle t
    WHERE t.key = p_key
       OR t.key IN (SELECT k.key FROM auth.throttle_keys(p_realm, p_indexes, p_account, p_key, p_device, p_place, NULL,
                                                         NULL) AS k);
END
$$;

ALTER FUNCTION auth.throttle_clear(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.throttle_fail(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea, p_network bytea, p_site bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM auth.begun(auth.actor());
    PERFORM auth.throttle_note(k.key, k.free, k.most, k.forget,
                              CASE WHEN k.key = p_key THEN coalesce(p_site, p_network) END)
    FROM auth.throttle_keys(p_realm, p_indexes, p_account, p_key, p_device, p_place, p_network, p_site) AS k;
END
$$;

ALTER FUNCTION auth.throttle_fail(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea, p_network bytea, p_site bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.throttle_keys(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea, p_network bytea, p_site bytea) RETURNS TABLE(key bytea, free integer, most integer, forget interval)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    known bytea;
BEGIN
    SELECT f.mark INTO known
    FROM auth.familiar f
    WHERE f.account_id IN (
            SELECT p_account
            UNION ALL SELECT s.id FROM anamnesis.staff s WHERE p_realm = 'staff' AND s.email_index = ANY (p_indexes)
            UNION ALL SELECT p.id FROM anamnesis.patient p WHERE p_realm = 'patient' AND p.email_index = ANY (p_indexes))
      AND ((f.kind = 'device' AND f.mark = p_device AND f.seen_at > now() - interval '180 days')
           OR (f.kind = 'address' AND f.mark = p_place AND f.seen_at > now() - interval '90 days'))
    ORDER BY f.kind DESC LIMIT 1;
    IF known IS NOT NULL THEN
        RETURN QUERY SELECT sha256(known || coalesce(p_key, p_network)), 3, 100, NULL::interval;
    ELSE
        RETURN QUERY SELECT k.key, k.free, k.most, k.forget
        FROM (VALUES (p_key, 3, 100, NULL::interval), (p_network, 30, 2147483647, interval '1 hour'),
                     (p_site, 240, 2147483647, interval '1 hour')) AS k (key, free, most, forget)
        WHERE k.key IS NOT NULL;
    END IF;
END
$$;

ALTER FUNCTION auth.throttle_keys(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea, p_network bytea, p_site bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.throttle_note(p_key bytea, p_free integer, p_most integer, p_forget interval, p_origin bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    count integer;
BEGIN
    INSERT INTO auth.throttle AS t (key, failures, last_failure, blocked_until, counts_until, origin)
    VALUES (p_key, 1, moment, moment, moment, p_origin)
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN t.counts_until < moment THEN 1 ELSE t.failures + 1 END,
        last_failure = moment, origin = p_origin
    RETURNING t.failures INTO count;
    UPDATE auth.throttle t SET
        blocked_until = moment + interval '1 second' * CASE
            WHEN count < p_free THEN 0
            WHEN count >= p_most THEN 86400
            ELSE least(900, 2 ^ least(count - p_free, 20)) END,
        counts_until = moment + coalesce(p_forget, CASE WHEN count < p_free THEN interval '7 days'
                                                        ELSE interval '90 days' END)
    WHERE t.key = p_key;
END
$$;

ALTER FUNCTION auth.throttle_note(p_key bytea, p_free integer, p_most integer, p_forget interval, p_origin bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.through_glass(p_patients uuid[]) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT EXISTS (
        SELECT FROM anamnesis.break_glass g
        WHERE g.practice_id = auth.practice() AND g.staff_id = auth.actor() AND g.patient_id = ANY (p_patients)
          AND g.expires_at > now()
          AND NOT EXISTS (SELECT FROM anamnesis.care_team c
                          WHERE c.practice_id = g.practice_id AND c.staff_id = g.staff_id AND c.patient_id = g.patient_id))
$$;

ALTER FUNCTION auth.through_glass(p_patients uuid[]) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.totp_accept(p_realm text, p_account uuid, p_step bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM auth.begun(p_account);
    UPDATE auth.account a SET totp_step = p_step, factor_xact = pg_current_xact_id()
    WHERE a.id = p_account AND a.realm = p_realm AND a.totp_sealed IS NOT NULL AND a.totp_step < p_step
      AND p_step <= floor(extract(epoch FROM clock_timestamp()) / 30) + 1;
    RETURN FOUND;
END
$$;

ALTER FUNCTION auth.totp_accept(p_realm text, p_account uuid, p_step bigint) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.totp_begin(p_account uuid, p_sealed bytea) RETURNS TABLE(account_id uuid, practice_name text, wrapped_key bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    whose text;
BEGIN
    UPDATE auth.account a SET totp_pending = p_sealed
    FROM anamnesis.practice c
    WHERE a.id = p_account AND a.id = auth.actor() AND auth.may_add_factor(a.id) AND c.id = a.practice_id
    RETURNING a.id, c.name, a.realm INTO totp_begin.account_id, totp_begin.practice_name, whose;
    IF FOUND THEN
        PERFORM audit.about(p_account) WHERE whose = 'patient';
        SELECT coalesce((SELECT m.wrapped_key FROM anamnesis.staff m WHERE m.id = p_account AND whose = 'staff'),
                        (SELECT d.wrapped_key FROM anamnesis.data_key d WHERE d.patient_id = p_account AND whose = 'patient'))
        INTO totp_begin.wrapped_key;
        RETURN NEXT;
    END IF;
END
$$;

ALTER FUNCTION auth.totp_begin(p_account uuid, p_sealed bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.totp_confirm(p_account uuid, p_step bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    whose text;
BEGIN
    UPDATE auth.account a
    SET totp_sealed = a.totp_pending, totp_pending = NULL, totp_step = p_step, factor_xact = pg_current_xact_id()
    WHERE a.id = p_account AND a.id = auth.actor() AND auth.may_add_factor(a.id) AND a.totp_pending IS NOT NULL
      AND p_step <= floor(extract(epoch FROM clock_timestamp()) / 30) + 1
    RETURNING a.realm INTO whose;
    PERFORM audit.about(p_account) WHERE whose = 'patient';
    RETURN whose IS NOT NULL;
END
$$;

ALTER FUNCTION auth.totp_confirm(p_account uuid, p_step bigint) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.totp_person(p_account uuid) RETURNS TABLE(account_id uuid, realm text, email bytea)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT a.id, a.realm, coalesce(m.email, p.email)::bytea
    FROM auth.account a
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id
    WHERE a.id = p_account AND a.id = auth.actor() AND a.totp_pending IS NOT NULL
$$;

ALTER FUNCTION auth.totp_person(p_account uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION auth.totp_remove() RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    own auth.account;
    passkeys boolean;
BEGIN
    SELECT * INTO own FROM auth.account a WHERE a.id = auth.actor() AND a.realm = auth.realm() FOR UPDATE;
    passkeys := EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = own.id);
    IF own.totp_sealed IS NULL OR NOT auth.is_fresh() THEN
        RETURN 'none';
    ELSIF NOT passkeys AND auth.needs_factor(own.id) THEN
        RETURN 'last';
    END IF;
    UPDATE auth.account a SET totp_sealed = NULL, totp_pending = NULL WHERE a.id = own.id;
    DELETE FROM auth.recovery_code r WHERE r.account_id = own.id AND NOT passkeys;
    RETURN 'removed';
END
$$;

ALTER FUNCTION auth.totp_remove() OWNER TO anamnesis_owner;

CREATE FUNCTION auth.unhold(p_account uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    UPDATE auth.account a SET held_since = NULL, held_until = NULL, held_password = NULL, held_mail = false
    WHERE a.id = p_account AND a.held_until IS NOT NULL;
    UPDATE auth.session s SET held_since = NULL, held_until = NULL WHERE s.account_id = p_account AND s.held_until IS NOT NULL;
$$;

ALTER FUNCTION auth.unhold(p_account uuid) OWNER TO anamnesis_owner;

CREATE FUNCTION phi.open(data_key bytea, context text, sealed bytea) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    message bytea := substr(sealed, 34);
BEGIN
    IF sealed IS NULL OR data_key IS NULL THEN
        RETURN NULL; -- nothing there, or the caller has no key at hand and asked for none
    END IF;
    -- The key's length counts too: HMAC takes a key and the same key with zeros after it for one.
    IF octet_length(data_key) <> 32 OR octet_length(sealed) < 34 OR get_byte(sealed, 0) <> 1
       OR sha256(substr(sealed, 2, 32)) IS DISTINCT FROM
        sha256(ext.hmac(convert_to(context, 'UTF8') || '\x00'::bytea || message,
                        ext.hmac('phi.check:1'::bytea, data_key, 'sha256'), 'sha256'))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500',
            MESSAGE = 'a sealed value does not open: it was changed or moved, or the key is another''s';
    END IF;
    RETURN ext.pgp_sym_decrypt(message, encode(ext.hmac('phi.seal:1'::bytea, data_key, 'sha256'), 'base64'));
END
$$;

ALTER FUNCTION phi.open(data_key bytea, context text, sealed bytea) OWNER TO anamnesis_owner;

CREATE FUNCTION phi.seal(data_key bytea, context text, value text) RETURNS bytea
    LANGUAGE plpgsql SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    message bytea;
BEGIN
    IF value IS NULL THEN
        RETURN NULL;
    END IF;
    -- A missing or short key must never seal anything: NULL in, NULL out would lose the value in silence.
    IF data_key IS NULL OR octet_length(data_key) <> 32 OR context IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'a value cannot be sealed without key and context';
    END IF;
    message := ext.pgp_sym_encrypt(value, encode(ext.hmac('phi.seal:1'::bytea, data_key, 'sha256'), 'base64'),
                                   'cipher-algo=aes256, compress-algo=0, s2k-mode=1');
    RETURN '\x01'::bytea
        || ext.hmac(convert_to(context, 'UTF8') || '\x00'::bytea || message,
                    ext.hmac('phi.check:1'::bytea, data_key, 'sha256'), 'sha256')
        || message;
END
$$;

ALTER FUNCTION phi.seal(data_key bytea, context text, value text) OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.assignment (
    id uuid DEFAULT anamnesis.uuid_v7() NOT NULL,
    practice_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    questionnaire_id uuid NOT NULL,
    version integer NOT NULL,
    status text DEFAULT 'assigned'::text NOT NULL,
    due_at timestamp with time zone,
    revision integer DEFAULT 1 NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT assignment_due_at_range CHECK (((due_at >= '2000-01-01 00:00:00+00'::timestamp with time zone) AND ((due_at - created_at) <= '7306 days'::interval))),
    CONSTRAINT assignment_status_check CHECK ((status = ANY (ARRAY['assigned'::text, 'in-progress'::text, 'completed'::text, 'cancelled'::text])))
)
WITH (fillfactor='80');

ALTER TABLE ONLY anamnesis.assignment FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.assignment OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.break_glass (
    id uuid NOT NULL,
    practice_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    reason phi.sealed NOT NULL,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + '01:00:00'::interval) NOT NULL
);

ALTER TABLE ONLY anamnesis.break_glass FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.break_glass OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.care_team (
    practice_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    added_by uuid NOT NULL,
    added_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY anamnesis.care_team FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.care_team OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.data_key (
    patient_id uuid NOT NULL,
    practice_id uuid NOT NULL,
    wrapped_key bytea NOT NULL,
    CONSTRAINT data_key_wrapped_key_check CHECK (((octet_length(wrapped_key) >= 60) AND (octet_length(wrapped_key) <= 200)))
);
ALTER TABLE ONLY anamnesis.data_key ALTER COLUMN wrapped_key SET STATISTICS 0;
ALTER TABLE ONLY anamnesis.data_key ALTER COLUMN wrapped_key SET STORAGE PLAIN;

ALTER TABLE ONLY anamnesis.data_key FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.data_key OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.idempotency (
    practice_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    operation text NOT NULL,
    body_sha256 bytea NOT NULL,
    status integer,
    reply_sealed bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    patient_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    link_hash bytea,
    CONSTRAINT idempotency_body_sha256_check CHECK ((octet_length(body_sha256) = 32)),
    CONSTRAINT idempotency_key_hash_check CHECK ((octet_length(key_hash) = 32)),
    CONSTRAINT idempotency_link_hash_check CHECK ((octet_length(link_hash) = 32)),
    CONSTRAINT idempotency_reply_sealed_check CHECK ((octet_length(reply_sealed) > 44)),
    CONSTRAINT idempotency_status_check CHECK (((status >= 100) AND (status <= 599)))
);

ALTER TABLE ONLY anamnesis.idempotency FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.idempotency OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.invitation (
    id uuid DEFAULT anamnesis.uuid_v7() NOT NULL,
    practice_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    delivery text NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    recovers boolean DEFAULT false NOT NULL,
    hours integer DEFAULT 72 NOT NULL,
    answer_hash bytea,
    answer text,
    CONSTRAINT invitation_answer_check CHECK ((answer = ANY (ARRAY['mine'::text, 'stop'::text]))),
    CONSTRAINT invitation_answer_hash_check CHECK ((octet_length(answer_hash) = 32)),
    CONSTRAINT invitation_check CHECK (((status = 'used'::text) = (used_at IS NOT NULL))),
    CONSTRAINT invitation_delivery_check CHECK ((delivery = ANY (ARRAY['email'::text, 'link'::text]))),
    CONSTRAINT invitation_hours_check CHECK (((hours >= 1) AND (hours <= 720))),
    CONSTRAINT invitation_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'used'::text, 'revoked'::text, 'spent'::text]))),
    CONSTRAINT invitation_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE ONLY anamnesis.invitation FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.invitation OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.migration (
    version integer NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE anamnesis.migration OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.outbox (
    id uuid DEFAULT anamnesis.uuid_v7() NOT NULL,
    practice_id uuid NOT NULL,
    kind text NOT NULL,
    sealed bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_at timestamp with time zone DEFAULT now() NOT NULL,
    claimed_until timestamp with time zone,
    sent_at timestamp with time zone,
    failed_at timestamp with time zone,
    last_error text,
    patient_id uuid,
    for_staff boolean DEFAULT false NOT NULL,
    languages text,
    time_zone text,
    invitation_id uuid,
    staff_id uuid,
    state text GENERATED ALWAYS AS (
CASE
    WHEN (sent_at IS NOT NULL) THEN 'sent'::text
    WHEN (failed_at IS NOT NULL) THEN 'given-up'::text
    ELSE 'queued'::text
END) STORED NOT NULL,
    state_at timestamp with time zone GENERATED ALWAYS AS (COALESCE(sent_at, failed_at, created_at)) STORED NOT NULL,
    CONSTRAINT outbox_check CHECK (((sealed IS NOT NULL) OR (sent_at IS NOT NULL) OR (failed_at IS NOT NULL))),
    CONSTRAINT outbox_kind_check CHECK (((length(kind) >= 1) AND (length(kind) <= 64))),
    CONSTRAINT outbox_last_error_check CHECK ((length(last_error) <= 100)),
    CONSTRAINT outbox_sealed_check CHECK ((octet_length(sealed) > 44))
);

ALTER TABLE ONLY anamnesis.outbox FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.outbox OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.patient (
    id uuid DEFAULT anamnesis.uuid_v7() NOT NULL,
    practice_id uuid NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    given_name phi.sealed,
    family_name phi.sealed,
    birth_date phi.sealed,
    email phi.sealed,
    record_number phi.sealed,
    email_index bytea,
    record_number_index bytea,
    language text,
    registered_at timestamp with time zone,
    revision integer DEFAULT 1 NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    reminders boolean DEFAULT true NOT NULL,
    CONSTRAINT patient_check CHECK (((record_number IS NULL) = (record_number_index IS NULL))),
    CONSTRAINT patient_email_index_check CHECK ((octet_length(email_index) = 32)),
    CONSTRAINT patient_erased_or_whole CHECK (
CASE status
    WHEN 'erased'::text THEN (num_nonnulls(given_name, family_name, birth_date, email, record_number, email_index) = 0)
    ELSE ((birth_date IS NOT NULL) AND (num_nonnulls(given_name, family_name) > 0) AND ((email IS NULL) = (email_index IS NULL)))
END),
    CONSTRAINT patient_language_check CHECK ((length(language) <= 35)),
    CONSTRAINT patient_record_number_index_check CHECK ((octet_length(record_number_index) = 32)),
    CONSTRAINT patient_status_check CHECK ((status = ANY (ARRAY['active'::text, 'archived'::text, 'erased'::text])))
);

ALTER TABLE ONLY anamnesis.patient FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.patient OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.practice (
    id uuid DEFAULT anamnesis.uuid_v7() NOT NULL,
    name text NOT NULL,
    patient_mfa text DEFAULT 'optional'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    staff_idle_minutes integer DEFAULT 15 NOT NULL,
    patient_idle_minutes integer DEFAULT 30 NOT NULL,
    session_hours integer DEFAULT 12 NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    patient_access text DEFAULT 'all'::text NOT NULL,
    language text DEFAULT 'en'::text NOT NULL,
    time_zone text DEFAULT 'UTC'::text NOT NULL,
    patient_email_by text DEFAULT 'physician'::text NOT NULL,
    CONSTRAINT practice_language_check CHECK (((length(language) >= 2) AND (length(language) <= 35))),
    CONSTRAINT practice_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT practice_patient_access_check CHECK ((patient_access = ANY (ARRAY['all'::text, 'care-team'::text]))),
    CONSTRAINT practice_patient_email_by_check CHECK ((patient_email_by = ANY (ARRAY['physician'::text, 'assistant'::text]))),
    CONSTRAINT practice_patient_idle_minutes_check CHECK (((patient_idle_minutes >= 5) AND (patient_idle_minutes <= 120))),
    CONSTRAINT practice_patient_mfa_check CHECK ((patient_mfa = ANY (ARRAY['required'::text, 'optional'::text]))),
    CONSTRAINT practice_session_hours_check CHECK (((session_hours >= 1) AND (session_hours <= 12))),
    CONSTRAINT practice_staff_idle_minutes_check CHECK (((staff_idle_minutes >= 5) AND (staff_idle_minutes <= 60))),
    CONSTRAINT practice_time_zone_check CHECK (((length(time_zone) >= 1) AND (length(time_zone) <= 64)))
);

ALTER TABLE ONLY anamnesis.practice FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.practice OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.questionnaire (
    id uuid DEFAULT anamnesis.uuid_v7() NOT NULL,
    practice_id uuid NOT NULL,
    status text DEFAULT 'draft'::text NOT NULL,
    title text NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    draft text,
    version integer,
    created_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    title_folded text GENERATED ALWAYS AS (NORMALIZE(upper(lower((NORMALIZE(title, NFD) COLLATE "und-x-icu"))), NFC)) STORED NOT NULL,
    CONSTRAINT questionnaire_check CHECK (((status = 'draft'::text) = (version IS NULL))),
    CONSTRAINT questionnaire_check1 CHECK (((draft IS NOT NULL) OR (version IS NOT NULL))),
    CONSTRAINT questionnaire_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'active'::text, 'retired'::text])))
);

ALTER TABLE ONLY anamnesis.questionnaire FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.questionnaire OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.questionnaire_version (
    practice_id uuid NOT NULL,
    questionnaire_id uuid NOT NULL,
    version integer NOT NULL,
    title text NOT NULL,
    definition text NOT NULL,
    definition_sha256 bytea NOT NULL,
    published_by uuid NOT NULL,
    published_at timestamp with time zone DEFAULT now() NOT NULL,
    value_sets text DEFAULT '[]'::text NOT NULL,
    on_drafts text DEFAULT 'keep'::text NOT NULL,
    CONSTRAINT questionnaire_version_definition_sha256_check CHECK ((octet_length(definition_sha256) = 32)),
    CONSTRAINT questionnaire_version_on_drafts_check CHECK ((on_drafts = ANY (ARRAY['keep'::text, 'migrate'::text]))),
    CONSTRAINT questionnaire_version_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY anamnesis.questionnaire_version FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.questionnaire_version OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.response (
    id uuid DEFAULT anamnesis.uuid_v7() NOT NULL,
    practice_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    questionnaire_id uuid NOT NULL,
    version integer NOT NULL,
    status text DEFAULT 'in-progress'::text NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    answers phi.sealed NOT NULL,
    scores phi.sealed,
    answered integer,
    total integer,
    required_missing integer,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    submitted_at timestamp with time zone,
    definition_sha256 bytea,
    response_sha256 phi.sealed,
    amendment integer DEFAULT 0 NOT NULL,
    amends uuid,
    version_revision integer DEFAULT 1 NOT NULL,
    CONSTRAINT response_amendment_check CHECK ((amendment >= 0)),
    CONSTRAINT response_completed_is_proven CHECK (
CASE
    WHEN (status = ANY (ARRAY['completed'::text, 'amended'::text])) THEN (num_nulls(submitted_at, definition_sha256, response_sha256) = 0)
    ELSE (num_nonnulls(submitted_at, definition_sha256, response_sha256) = 0)
END),
    CONSTRAINT response_definition_sha256_check CHECK ((octet_length(definition_sha256) = 32)),
    CONSTRAINT response_status CHECK (
CASE amendment
    WHEN 0 THEN ((amends IS NULL) AND (status = ANY (ARRAY['in-progress'::text, 'completed'::text])))
    ELSE ((amends IS NOT NULL) AND (status = ANY (ARRAY['in-progress'::text, 'amended'::text, 'stopped'::text])))
END)
)
WITH (fillfactor='70');
ALTER TABLE ONLY anamnesis.response ALTER COLUMN answers SET STORAGE EXTERNAL;
ALTER TABLE ONLY anamnesis.response ALTER COLUMN scores SET STORAGE EXTERNAL;

ALTER TABLE ONLY anamnesis.response FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.response OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.response_migration (
    id uuid DEFAULT anamnesis.uuid_v7() NOT NULL,
    practice_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    response_id uuid NOT NULL,
    from_version integer NOT NULL,
    to_version integer NOT NULL,
    revision integer NOT NULL,
    answers phi.sealed NOT NULL,
    dropped phi.sealed NOT NULL,
    migrated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT response_migration_check CHECK ((from_version < to_version))
);
ALTER TABLE ONLY anamnesis.response_migration ALTER COLUMN answers SET STORAGE EXTERNAL;
ALTER TABLE ONLY anamnesis.response_migration ALTER COLUMN dropped SET STORAGE EXTERNAL;

ALTER TABLE ONLY anamnesis.response_migration FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.response_migration OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.sql_state (
    sha256 text NOT NULL,
    number integer NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE anamnesis.sql_state OWNER TO anamnesis_owner;

ALTER TABLE anamnesis.sql_state ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME anamnesis.sql_state_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE anamnesis.sql_text (
    path text NOT NULL,
    sha256 text NOT NULL
);

ALTER TABLE anamnesis.sql_text OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.staff (
    id uuid DEFAULT anamnesis.uuid_v7() NOT NULL,
    practice_id uuid NOT NULL,
    role text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    email_index bytea NOT NULL,
    wrapped_key bytea NOT NULL,
    email phi.sealed NOT NULL,
    name phi.sealed NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT staff_email_index_check CHECK ((octet_length(email_index) = 32)),
    CONSTRAINT staff_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'physician'::text, 'assistant'::text, 'auditor'::text]))),
    CONSTRAINT staff_status CHECK ((status = ANY (ARRAY['invited'::text, 'active'::text, 'disabled'::text]))),
    CONSTRAINT staff_wrapped_key_check CHECK (((octet_length(wrapped_key) >= 60) AND (octet_length(wrapped_key) <= 200)))
);

ALTER TABLE ONLY anamnesis.staff FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.staff OWNER TO anamnesis_owner;

CREATE TABLE anamnesis.value_set (
    id uuid DEFAULT anamnesis.uuid_v7() NOT NULL,
    practice_id uuid NOT NULL,
    url text NOT NULL,
    version text DEFAULT ''::text NOT NULL,
    title text NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    resource text NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT value_set_title_check CHECK ((octet_length(title) <= 500)),
    CONSTRAINT value_set_url_check CHECK (((octet_length(url) >= 1) AND (octet_length(url) <= 1024))),
    CONSTRAINT value_set_version_check CHECK ((octet_length(version) <= 255))
);

ALTER TABLE ONLY anamnesis.value_set FORCE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.value_set OWNER TO anamnesis_owner;

CREATE TABLE audit.event_2023_12 (
    id bigint NOT NULL,
    "position" bigint DEFAULT audit.next_position() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    practice_id uuid,
    realm text NOT NULL,
    actor_id uuid,
    role text,
    session_id uuid,
    client_address text NOT NULL,
    request_id uuid NOT NULL,
    operation text NOT NULL,
    object_id uuid,
    patient_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    outcome text NOT NULL,
    detail text,
    CONSTRAINT event_realm_check1 CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text, 'system'::text, 'none'::text])))
);

ALTER TABLE ONLY audit.event_2023_12 FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2023_12 OWNER TO anamnesis_owner;

CREATE TABLE audit.event_2024_02 (
    id bigint NOT NULL,
    "position" bigint DEFAULT audit.next_position() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    practice_id uuid,
    realm text NOT NULL,
    actor_id uuid,
    role text,
    session_id uuid,
    client_address text NOT NULL,
    request_id uuid NOT NULL,
    operation text NOT NULL,
    object_id uuid,
    patient_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    outcome text NOT NULL,
    detail text,
    CONSTRAINT event_realm_check1 CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text, 'system'::text, 'none'::text])))
);

ALTER TABLE ONLY audit.event_2024_02 FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2024_02 OWNER TO anamnesis_owner;

CREATE TABLE audit.event_2024_03 (
    id bigint NOT NULL,
    "position" bigint DEFAULT audit.next_position() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    practice_id uuid,
    realm text NOT NULL,
    actor_id uuid,
    role text,
    session_id uuid,
    client_address text NOT NULL,
    request_id uuid NOT NULL,
    operation text NOT NULL,
    object_id uuid,
    patient_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    outcome text NOT NULL,
    detail text,
    CONSTRAINT event_realm_check1 CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text, 'system'::text, 'none'::text])))
);

ALTER TABLE ONLY audit.event_2024_03 FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2024_03 OWNER TO anamnesis_owner;

CREATE TABLE audit.event_2026_11 (
    id bigint NOT NULL,
    "position" bigint DEFAULT audit.next_position() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    practice_id uuid,
    realm text NOT NULL,
    actor_id uuid,
    role text,
    session_id uuid,
    client_address text NOT NULL,
    request_id uuid NOT NULL,
    operation text NOT NULL,
    object_id uuid,
    patient_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    outcome text NOT NULL,
    detail text,
    CONSTRAINT event_realm_check1 CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text, 'system'::text, 'none'::text])))
);

ALTER TABLE ONLY audit.event_2026_11 FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2026_11 OWNER TO anamnesis_owner;

CREATE TABLE audit.event_2026_12 (
    id bigint NOT NULL,
    "position" bigint DEFAULT audit.next_position() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    practice_id uuid,
    realm text NOT NULL,
    actor_id uuid,
    role text,
    session_id uuid,
    client_address text NOT NULL,
    request_id uuid NOT NULL,
    operation text NOT NULL,
    object_id uuid,
    patient_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    outcome text NOT NULL,
    detail text,
    CONSTRAINT event_realm_check1 CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text, 'system'::text, 'none'::text])))
);

ALTER TABLE ONLY audit.event_2026_12 FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2026_12 OWNER TO anamnesis_owner;

CREATE TABLE audit.event_2027_01 (
    id bigint NOT NULL,
    "position" bigint DEFAULT audit.next_position() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    practice_id uuid,
    realm text NOT NULL,
    actor_id uuid,
    role text,
    session_id uuid,
    client_address text NOT NULL,
    request_id uuid NOT NULL,
    operation text NOT NULL,
    object_id uuid,
    patient_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    outcome text NOT NULL,
    detail text,
    CONSTRAINT event_realm_check1 CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text, 'system'::text, 'none'::text])))
);

ALTER TABLE ONLY audit.event_2027_01 FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2027_01 OWNER TO anamnesis_owner;

CREATE TABLE audit.event_2027_02 (
    id bigint NOT NULL,
    "position" bigint DEFAULT audit.next_position() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    practice_id uuid,
    realm text NOT NULL,
    actor_id uuid,
    role text,
    session_id uuid,
    client_address text NOT NULL,
    request_id uuid NOT NULL,
    operation text NOT NULL,
    object_id uuid,
    patient_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    outcome text NOT NULL,
    detail text,
    CONSTRAINT event_realm_check1 CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text, 'system'::text, 'none'::text])))
);

ALTER TABLE ONLY audit.event_2027_02 FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2027_02 OWNER TO anamnesis_owner;

CREATE TABLE audit.event_default (
    id bigint NOT NULL,
    "position" bigint DEFAULT audit.next_position() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    practice_id uuid,
    realm text NOT NULL,
    actor_id uuid,
    role text,
    session_id uuid,
    client_address text NOT NULL,
    request_id uuid NOT NULL,
    operation text NOT NULL,
    object_id uuid,
    patient_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    outcome text NOT NULL,
    detail text,
    CONSTRAINT event_realm_check1 CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text, 'system'::text, 'none'::text])))
);

ALTER TABLE ONLY audit.event_default FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.event_default OWNER TO anamnesis_owner;

ALTER TABLE audit.event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.event_id_seq1
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE audit.seal (
    number bigint NOT NULL,
    horizon bigint NOT NULL,
    rows bigint NOT NULL,
    total bigint NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    key_version integer NOT NULL,
    root bytea NOT NULL,
    previous bytea NOT NULL,
    signature bytea NOT NULL,
    leaves bytea NOT NULL,
    CONSTRAINT seal_check CHECK ((total >= rows)),
    CONSTRAINT seal_check1 CHECK ((octet_length(leaves) = (56 * rows))),
    CONSTRAINT seal_key_version_check CHECK ((key_version > 0)),
    CONSTRAINT seal_number_check CHECK ((number > 0)),
    CONSTRAINT seal_previous_check CHECK ((octet_length(previous) = 32)),
    CONSTRAINT seal_root_check CHECK ((octet_length(root) = 32)),
    CONSTRAINT seal_rows_check CHECK ((rows > 0)),
    CONSTRAINT seal_signature_check CHECK ((octet_length(signature) = 64))
);
ALTER TABLE ONLY audit.seal ALTER COLUMN leaves SET STORAGE EXTERNAL;

ALTER TABLE ONLY audit.seal FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.seal OWNER TO anamnesis_owner;

CREATE TABLE audit.stranger (
    hour timestamp with time zone NOT NULL,
    network text NOT NULL,
    requests bigint DEFAULT 1 NOT NULL,
    last_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT stranger_network_check CHECK ((length(network) <= 64))
);

ALTER TABLE ONLY audit.stranger FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.stranger OWNER TO anamnesis_owner;

CREATE TABLE auth.account (
    id uuid NOT NULL,
    practice_id uuid NOT NULL,
    realm text NOT NULL,
    password_hash text NOT NULL,
    totp_sealed bytea,
    totp_pending bytea,
    totp_step bigint DEFAULT 0 NOT NULL,
    factor_xact xid8,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    passkey_handle uuid DEFAULT gen_random_uuid() NOT NULL,
    passkey_asked xid8,
    passkey_purpose text,
    passkey_xact xid8,
    recover_only boolean DEFAULT false NOT NULL,
    held_since timestamp with time zone,
    held_until timestamp with time zone,
    held_password text,
    held_mail boolean DEFAULT false NOT NULL,
    CONSTRAINT account_held CHECK ((num_nulls(held_since, held_until, held_password) = ANY (ARRAY[0, 3]))),
    CONSTRAINT account_realm_check CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text]))),
    CONSTRAINT account_totp_pending_check CHECK ((octet_length(totp_pending) > 44)),
    CONSTRAINT account_totp_sealed_check CHECK ((octet_length(totp_sealed) > 44))
)
WITH (fillfactor='80');

ALTER TABLE ONLY auth.account FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.account OWNER TO anamnesis_owner;

CREATE TABLE auth.proof_key (
    one boolean DEFAULT true NOT NULL,
    secret bytea NOT NULL,
    CONSTRAINT proof_key_one_check CHECK (one),
    CONSTRAINT proof_key_secret_check CHECK ((octet_length(secret) = 32))
);

ALTER TABLE ONLY auth.proof_key FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.proof_key OWNER TO anamnesis_owner;

CREATE VIEW auth.acting AS
 SELECT
        CASE "left"(now_said.said, 1)
            WHEN 's'::text THEN 'staff'::text
            WHEN 'p'::text THEN 'patient'::text
            ELSE 'none'::text
        END AS realm,
        CASE substr(now_said.said, 3, 1)
            WHEN 'o'::text THEN 'owner'::text
            WHEN 'p'::text THEN 'physician'::text
            WHEN 'a'::text THEN 'assistant'::text
            WHEN 'u'::text THEN 'auditor'::text
            WHEN 't'::text THEN 'patient'::text
            ELSE NULL::text
        END AS role,
    (substr(now_said.said, 2, 1) = 'a'::text) AS sees_all,
    (NULLIF(substr(now_said.said, 4, 36), '00000000-0000-0000-0000-000000000000'::text))::uuid AS practice_id,
    (NULLIF(substr(now_said.said, 40, 36), '00000000-0000-0000-0000-000000000000'::text))::uuid AS actor_id,
        CASE
            WHEN ("left"(now_said.said, 1) = 'p'::text) THEN (substr(now_said.said, 40, 36))::uuid
            ELSE NULL::uuid
        END AS patient_id,
    (NULLIF(substr(now_said.said, 76, 36), '00000000-0000-0000-0000-000000000000'::text))::uuid AS session_id,
    (substr(now_said.said, 112, 36))::uuid AS request_id,
    rtrim(substr(now_said.said, 148, 64)) AS operation,
    rtrim(substr(now_said.said, 212, 64)) AS client_address,
        CASE
            WHEN ("left"(now_said.said, 1) = 'p'::text) THEN ARRAY[(substr(now_said.said, 4, 36))::uuid, (substr(now_said.said, 40, 36))::uuid]
            WHEN ("left"(now_said.said, 2) = 'sa'::text) THEN ARRAY[(substr(now_said.said, 4, 36))::uuid]
            ELSE NULL::uuid[]
        END AS scope,
    (
        CASE
            WHEN ("left"(now_said.said, 1) = 's'::text) THEN substr(now_said.said, 4, 36)
            ELSE NULL::text
        END)::uuid AS staffs,
    (
        CASE
            WHEN (("left"(now_said.said, 1) = 's'::text) AND (substr(now_said.said, 3, 1) = ANY (ARRAY['o'::text, 'p'::text, 'a'::text]))) THEN substr(now_said.said, 4, 36)
            ELSE NULL::text
        END)::uuid AS writes,
    (
        CASE
            WHEN ("left"(now_said.said, 1) = ANY (ARRAY['s'::text, 'p'::text])) THEN substr(now_said.said, 40, 36)
            ELSE NULL::text
        END)::uuid AS signed_in,
        CASE
            WHEN (("left"(now_said.said, 1) = 'p'::text) AND (substr(now_said.said, 2, 1) <> 'h'::text)) THEN ARRAY[(substr(now_said.said, 4, 36))::uuid, (substr(now_said.said, 40, 36))::uuid]
            WHEN ("left"(now_said.said, 2) = 'sa'::text) THEN ARRAY[(substr(now_said.said, 4, 36))::uuid]
            ELSE NULL::uuid[]
        END AS answers,
        CASE
            WHEN ("left"(now_said.said, 2) = 'ph'::text) THEN (substr(now_said.said, 40, 36))::uuid
            ELSE NULL::uuid
        END AS held_patient
   FROM auth.proof_key k,
    ( SELECT current_setting('anamnesis.actor'::text, true) AS current_setting) now_said(said)
  WHERE ((length(now_said.said) = 339) AND (encode(sha256((((k.secret || int4send(pg_backend_pid())) || timestamptz_send(now())) || convert_to("left"(now_said.said, 275), 'UTF8'::name))), 'hex'::text) = substr(now_said.said, 276)));

ALTER TABLE auth.acting OWNER TO anamnesis_owner;

CREATE TABLE auth.address_change (
    id uuid NOT NULL,
    practice_id uuid NOT NULL,
    realm text NOT NULL,
    account_id uuid NOT NULL,
    proposed_by uuid NOT NULL,
    old_email phi.sealed,
    new_email phi.sealed NOT NULL,
    old_index bytea,
    confirm_hash bytea NOT NULL,
    object_hash bytea,
    again_hash bytea,
    proposed_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    object_until timestamp with time zone,
    ended_at timestamp with time zone,
    invitation_id uuid,
    password_hash text,
    CONSTRAINT address_change_again_hash_check CHECK ((octet_length(again_hash) = 32)),
    CONSTRAINT address_change_check CHECK ((num_nonnulls(old_index, again_hash, object_until) =
CASE
    WHEN ((confirmed_at IS NULL) OR (old_email IS NULL)) THEN 0
    ELSE 3
END)),
    CONSTRAINT address_change_check1 CHECK (((old_email IS NULL) = (object_hash IS NULL))),
    CONSTRAINT address_change_check2 CHECK ((num_nonnulls(invitation_id, password_hash) =
CASE
    WHEN ((old_email IS NULL) AND (confirmed_at IS NULL)) THEN 2
    ELSE 0
END)),
    CONSTRAINT address_change_confirm_hash_check CHECK ((octet_length(confirm_hash) = 32)),
    CONSTRAINT address_change_object_hash_check CHECK ((octet_length(object_hash) = 32)),
    CONSTRAINT address_change_old_index_check CHECK ((octet_length(old_index) = 32)),
    CONSTRAINT address_change_realm_check CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text])))
);

ALTER TABLE ONLY auth.address_change FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.address_change OWNER TO anamnesis_owner;

CREATE TABLE auth.challenge (
    token_hash bytea NOT NULL,
    practice_id uuid NOT NULL,
    realm text NOT NULL,
    account_id uuid NOT NULL,
    purpose text NOT NULL,
    delivery text NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT challenge_delivery CHECK ((delivery = ANY (
CASE purpose
    WHEN 'reset'::text THEN ARRAY['email'::text]
    ELSE ARRAY['cookie'::text, 'bearer'::text]
END))),
    CONSTRAINT challenge_purpose CHECK ((purpose = ANY (ARRAY['mfa'::text, 'enrol'::text, 'reset'::text, 'choose'::text]))),
    CONSTRAINT challenge_realm_check CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text]))),
    CONSTRAINT challenge_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE ONLY auth.challenge FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.challenge OWNER TO anamnesis_owner;

CREATE TABLE auth.erasure (
    patient_id uuid NOT NULL,
    practice_id uuid NOT NULL,
    "position" xid8 DEFAULT pg_current_xact_id() NOT NULL,
    erased_at timestamp with time zone DEFAULT now() NOT NULL,
    rewritten_at timestamp with time zone,
    passed_at timestamp with time zone,
    touched_at timestamp with time zone,
    CONSTRAINT erasure_check CHECK ((num_nulls(erased_at, rewritten_at, passed_at, touched_at) =
CASE
    WHEN (rewritten_at IS NULL) THEN 3
    WHEN (passed_at IS NULL) THEN 2
    WHEN (touched_at IS NULL) THEN 1
    ELSE 0
END))
);

ALTER TABLE ONLY auth.erasure FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.erasure OWNER TO anamnesis_owner;

CREATE TABLE auth.familiar (
    account_id uuid NOT NULL,
    mark bytea NOT NULL,
    kind text NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT familiar_kind_check CHECK ((kind = ANY (ARRAY['device'::text, 'address'::text]))),
    CONSTRAINT familiar_mark_check CHECK ((octet_length(mark) = 32))
)
WITH (fillfactor='80');

ALTER TABLE ONLY auth.familiar FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.familiar OWNER TO anamnesis_owner;

CREATE TABLE auth.key_check (
    kind text NOT NULL,
    version integer NOT NULL,
    value bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    in_use_since timestamp with time zone,
    retired_at timestamp with time zone,
    door bytea,
    CONSTRAINT key_check_check CHECK (((door IS NULL) OR ((octet_length(door) = 32) AND (kind = 'pepper'::text)))),
    CONSTRAINT key_check_kind_check CHECK ((kind ~ '^[a-z]{1,16}$'::text)),
    CONSTRAINT key_check_value_check CHECK ((octet_length(value) = 32)),
    CONSTRAINT key_check_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY auth.key_check FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.key_check OWNER TO anamnesis_owner;

CREATE TABLE auth.passkey (
    id uuid NOT NULL,
    practice_id uuid NOT NULL,
    account_id uuid NOT NULL,
    credential_index bytea NOT NULL,
    passkey_sealed bytea NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    sign_count bigint NOT NULL,
    backup_eligible boolean NOT NULL,
    backed_up boolean NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    doubted_at timestamp with time zone,
    CONSTRAINT passkey_credential_index_check CHECK ((octet_length(credential_index) = 32)),
    CONSTRAINT passkey_passkey_sealed_check CHECK ((octet_length(passkey_sealed) > 44)),
    CONSTRAINT passkey_sign_count_check CHECK (((sign_count >= 0) AND (sign_count <= '4294967295'::bigint)))
)
WITH (fillfactor='80');

ALTER TABLE ONLY auth.passkey FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.passkey OWNER TO anamnesis_owner;

CREATE TABLE auth.passkey_challenge (
    challenge_hash bytea NOT NULL,
    realm text NOT NULL,
    purpose text NOT NULL,
    practice_id uuid,
    account_id uuid,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + '00:05:00'::interval) NOT NULL,
    CONSTRAINT passkey_challenge_challenge_hash_check CHECK ((octet_length(challenge_hash) = 32)),
    CONSTRAINT passkey_challenge_check CHECK ((((account_id IS NULL) = (purpose = 'sign-in'::text)) AND ((practice_id IS NULL) = (account_id IS NULL)))),
    CONSTRAINT passkey_challenge_purpose_check CHECK ((purpose = ANY (ARRAY['register'::text, 'mfa'::text, 'step-up'::text, 'sign-in'::text]))),
    CONSTRAINT passkey_challenge_realm_check CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text])))
);

ALTER TABLE ONLY auth.passkey_challenge FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.passkey_challenge OWNER TO anamnesis_owner;

CREATE TABLE auth.recovery_code (
    account_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT recovery_code_code_hash_check CHECK ((octet_length(code_hash) = 32))
);

ALTER TABLE ONLY auth.recovery_code FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.recovery_code OWNER TO anamnesis_owner;

CREATE TABLE auth.session (
    id uuid DEFAULT anamnesis.uuid_v7() NOT NULL,
    practice_id uuid NOT NULL,
    realm text NOT NULL,
    account_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    idle_seconds integer NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    client_address text NOT NULL,
    user_agent text,
    stepped_up_at timestamp with time zone,
    former_hash bytea,
    former_until timestamp with time zone,
    held_since timestamp with time zone,
    held_until timestamp with time zone,
    CONSTRAINT session_check CHECK (((former_hash IS NULL) = (former_until IS NULL))),
    CONSTRAINT session_former_hash_check CHECK ((octet_length(former_hash) = 32)),
    CONSTRAINT session_idle_seconds_check CHECK (((idle_seconds >= 60) AND (idle_seconds <= 86400))),
    CONSTRAINT session_realm_check CHECK ((realm = ANY (ARRAY['staff'::text, 'patient'::text]))),
    CONSTRAINT session_token_hash_check CHECK ((octet_length(token_hash) = 32)),
    CONSTRAINT session_user_agent_check CHECK ((length(user_agent) <= 256))
)
WITH (fillfactor='80');

ALTER TABLE ONLY auth.session FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.session OWNER TO anamnesis_owner;

CREATE TABLE auth.staff_invitation (
    token_hash bytea NOT NULL,
    practice_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT staff_invitation_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE ONLY auth.staff_invitation FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.staff_invitation OWNER TO anamnesis_owner;

CREATE TABLE auth.throttle (
    key bytea NOT NULL,
    failures integer NOT NULL,
    last_failure timestamp with time zone NOT NULL,
    blocked_until timestamp with time zone NOT NULL,
    counts_until timestamp with time zone DEFAULT (now() + '90 days'::interval) NOT NULL,
    origin bytea,
    CONSTRAINT throttle_key_check CHECK ((octet_length(key) = 32)),
    CONSTRAINT throttle_origin_check CHECK ((octet_length(origin) = 32))
)
WITH (fillfactor='70');

ALTER TABLE ONLY auth.throttle FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.throttle OWNER TO anamnesis_owner;

ALTER TABLE ONLY audit.event ATTACH PARTITION audit.event_2023_12 FOR VALUES FROM ('2023-12-01 00:00:00+00') TO ('2024-01-01 00:00:00+00');

ALTER TABLE ONLY audit.event ATTACH PARTITION audit.event_2024_02 FOR VALUES FROM ('2024-02-01 00:00:00+00') TO ('2024-03-01 00:00:00+00');

ALTER TABLE ONLY audit.event ATTACH PARTITION audit.event_2024_03 FOR VALUES FROM ('2024-03-01 00:00:00+00') TO ('2024-04-01 00:00:00+00');

ALTER TABLE ONLY audit.event ATTACH PARTITION audit.event_2026_11 FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00');

ALTER TABLE ONLY audit.event ATTACH PARTITION audit.event_2026_12 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');

ALTER TABLE ONLY audit.event ATTACH PARTITION audit.event_2027_01 FOR VALUES FROM ('2027-01-01 00:00:00+00') TO ('2027-02-01 00:00:00+00');

ALTER TABLE ONLY audit.event ATTACH PARTITION audit.event_2027_02 FOR VALUES FROM ('2027-02-01 00:00:00+00') TO ('2027-03-01 00:00:00+00');

ALTER TABLE ONLY audit.event ATTACH PARTITION audit.event_default DEFAULT;

INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (1, 'schemas', '4def1f524af8626d3b576d65e0d0f7213ab5d1b8129a2dd833c721c2fe28d76e', '2026-11-30 08:02:03.956147+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (2, 'phi', '67d0f931b4823a61fc7d71a13f3eb88e18d4f7075544a439a67a51e4971bd637', '2026-11-30 08:02:03.956147+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (3, 'tables', '694b4a0345aebfe2e33e18f0dd9175e4d58cc7330c701d9e153201b4d53e9a53', '2026-11-30 08:02:03.956147+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (4, 'audit', 'e4eb5abe51474c63005ecf328d96521d54cd3ec1bf1d1c3a287d3cd7981bca26', '2026-11-30 08:02:03.956147+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (5, 'auth', '6abdac3dbba3a56439b35055a9251992e80359ad677f9520f505a038ca5c8161', '2026-11-30 08:02:03.956147+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (6, 'row_level_security', '84eb372159b97aadef8413bedaebc9b795d4c40687a7ed9e4b1e1321635920fa', '2026-11-30 08:02:03.956147+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (7, 'versions', '6dbff2e9c4e1732a11de89fd11389c3abfc2f6b53260f285ba3b3296c591779a', '2026-11-30 08:02:03.956147+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (10, 'audit_log', '2da566a79aedfc34d46317d5060e72bf8f198071995fcee21da0da5cb4ebedb9', '2026-11-30 08:02:04.052083+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (11, 'audit_reading', '8363dbe18219c6cde256461fc2e17cc3d319c78af34f47f0db0ee2d20b880afc', '2026-11-30 08:02:04.124287+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (12, 'keys', 'f69576567d07ce5bc8c4a3285a7ebcb38070435ee6cd360a4bb4973799a3dcaf', '2026-11-30 08:02:04.153323+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (13, 'audit_retention', '5d9a33c2081531c8077a5d81ac7c48a89c5f15449206c653d5927f73a6fd0b98', '2026-11-30 08:02:04.157864+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (20, 'accounts', '193c05802eaa237c8af8f5071333d89334e38ef6d2ebb9a230d3871d23ef98a5', '2026-11-30 08:02:04.158334+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (21, 'patients_end', '2d0e8128c5b7f3e4038a280a056ca5327ea2a53cb85cded3c1bc996e92507be2', '2026-11-30 08:02:04.163004+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (22, 'staff', '69663601cfc0e8c892dbebf6ae3d229f765487c86c3a288563c849d107ed65fd', '2026-11-30 08:02:04.165124+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (23, 'staff_invitations', 'f0ec757fe9e60f3475fea36f9042b3f5541c561054173b96e3215567cb068cf0', '2026-11-30 08:02:04.166246+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (24, 'patient_recovery', '29a52da28a06868437196de79fae2b4f041e286d4f0222e064d7cb20baa6f68e', '2026-11-30 08:02:04.171006+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (30, 'passkeys', '214b3f425a6d056cf431f95a1f66288298b7636fe2701a741224b5d6a4eeece6', '2026-11-30 08:02:04.172037+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (31, 'care_team', '0e39e9bc73450bdb9dbce0561ba8ef87aaa89c9ed40d290975b415ee3f02706d', '2026-11-30 08:02:04.189087+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (33, 'staff_by_operator', '0b0e1f7b7fcaa80645266e808319dfe458867336c1ed65cb3e277c105dd0559c', '2026-11-30 08:02:04.201388+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (40, 'token_hashes', '338fce4da9458ed45005b048cff1b4defc7d61bef1c069936f24ca2b97bdf462', '2026-11-30 08:02:04.202056+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (41, 'data_keys', 'ae525915c96a2ff5c5dcbcc625371408eb48d17bb83b35728b0a558b18e3f1db', '2026-11-30 08:02:04.202801+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (43, 'familiar', '5706157640f776dd61c3eaecb27e0f569c599601911de7cfc944b6b5fb31414a', '2026-11-30 08:02:04.212934+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (44, 'languages', '2b42df07002b77f34d0fd2eb2533646824677309619ab6e095423730afc30dad', '2026-11-30 08:02:04.217928+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (45, 'idempotent_links', 'b1090dcf045e96f9e1ec91707e393b8982e15028a7661db94dde2d6533a000a2', '2026-11-30 08:02:04.221259+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (46, 'ranges_and_titles', '606a1f1eadc3c33110aafd17646f62e9651a86d39815aa5c8bc19287bdf64355', '2026-11-30 08:02:04.221924+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (47, 'proven_actor', '08414c1e13a6e4608af0f50a8750fe7cc227fd391987821d60dcef9d0f0c8e50', '2026-11-30 08:02:04.230412+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (48, 'former_tokens', '6c3d9adfa396e911ba5c3df382d848506b3b23a0533f835a0d6ad5c8a1864536', '2026-11-30 08:02:04.242548+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (50, 'shared_addresses', 'aca96971057f756613c6c838c2854342a84257fa3f74be6a9c1fec2cf0234892', '2026-11-30 08:02:04.243564+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (51, 'delivery', '77c3cce263c5dc1922a5749872468c639499ca13e32b48fee51832b8a254916b', '2026-11-30 08:02:04.245283+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (53, 'families', 'eb80e907f09fc66a8444436b13f951b5df0097414d1311465ae84bfdc7b53870', '2026-11-30 08:02:04.25474+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (54, 'addresses', 'd394dfde5c77b04c76f60e725260de236dcedd27c5cee4c50d424d37ac93f990', '2026-11-30 08:02:04.260084+00');
INSERT INTO anamnesis.migration (version, name, sha256, applied_at) VALUES (55, 'held_answers', 'bfae852e09e7d3bb9ce35b2a1a6293a5dfaeb3cb4153ea5a912f6f9d6882b8e2', '2026-11-30 08:02:04.269607+00');

INSERT INTO anamnesis.practice (id, name, patient_mfa, created_at, staff_idle_minutes, patient_idle_minutes, session_hours, revision, patient_access, language, time_zone, patient_email_by) VALUES ('00000000-0000-7000-8000-0000000000a1', 'Practice of before', 'optional', '2026-11-30 08:02:04.637011+00', 15, 30, 12, 1, 'care-team', 'de', 'Europe/Berlin', 'physician');

INSERT INTO anamnesis.questionnaire (id, practice_id, status, title, revision, draft, version, created_by, created_at, updated_at) VALUES ('00000000-0000-7000-8000-0000000000b1', '00000000-0000-7000-8000-0000000000a1', 'active', 'Maße', 1, '{}', 1, '00000000-0000-7000-8000-0000000000c1', '2026-11-30 08:02:04.637011+00', '2026-11-30 08:02:04.637011+00');

INSERT INTO anamnesis.questionnaire_version (practice_id, questionnaire_id, version, title, definition, definition_sha256, published_by, published_at, value_sets, on_drafts) VALUES ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-0000000000b1', 1, 'Maße', '{}', '\x44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', '00000000-0000-7000-8000-0000000000c1', '2026-11-30 08:02:04.637011+00', '[]', 'migrate');

INSERT INTO anamnesis.sql_state (sha256, number, applied_at) OVERRIDING SYSTEM VALUE VALUES ('47d4203fecd41a5bcc7de501d3a3f3b55a330482bcca7282e5ff47b4d419675e', 1, '2026-11-30 08:02:04.270735+00');

INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/anamnesis/assignment_moves.sql', 'c683125b1ef891d62bda361d2b3da3f9c7629f0a386f274a59ee516fa111a604');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/anamnesis/outbox_spoken.sql', '3e4dd1ac6ed5aad65470692550b1606d57d3019d1971c43a01a1f34fc3a8c3bf');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/anamnesis/refuse_change.sql', '653e18333c6a33638d8e58e10c7f0af1e1d9d1cab70ebccdb3972503f97c9113');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/anamnesis/time_zone_known.sql', '723b1d3b2aaa97d2152ab7edefbf558e3aa176d2fb073d5c9b8b18749fe1a001');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/anamnesis/uuid_v7.sql', '0e93ac8f965bfc84517cb21578f46e538995ec0b08737b7cbfae08c7b6cb5c93');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/audit/about.sql', '569a18351682764530b32dd45db72636a15a74659872107a730711f66300fd5a');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/audit/access_log.sql', 'b49547662ce1724e967b6b2f4e50ad83b471a62244888f9cbd3009bf5251276c');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/audit/add_month.sql', 'bdab7d598bd3d7b73889975c3d840a4366a26fcd7791ae3bc6e7744c10980041');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/audit/close.sql', '0708d4db8beb9dc3ef8c3597b85aa7731dd357708d37cc62f6e46d3c3e040e08');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/audit/drop_month.sql', '2522b480cb4118a450887d7521cef7d8b7d77ed8aafe683febde4290ec060fcc');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/audit/horizon.sql', '8534bdf0dbd714a35d5d1a4b11b5c5d6d4f975e17d57ed30b01084e6fbbc67b8');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/audit/make_ready.sql', '1fc9ad5909f1416fc3052f3863510bb97e44c346371fb13a71bf27e1d4406499');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/audit/named.sql', '6a42a60a26b6f20e09971cc99123f19b0dbf4b84984c280e4a5a5ed80953e377');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/audit/next_position.sql', 'e417299dc8c96b318c016edecb67f155f99b3e0e551e88c62015f34a66e383cd');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/audit/note_stranger.sql', '393920d95af719b57fef15debb8de054d7740b0d54f187dcdc75789cb67ab1a0');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/audit/protect_partition.sql', 'caf3be63286785cb40fd319ebee2682ea62362206f18547708d70417a2126fc1');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/audit/refused.sql', 'cc76b9d4e6dcda6345254fdba701b1df1d19eae373ef0aeec7a19dcaa13806d6');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/audit/search.sql', '32a3dd498fd998b61c601cfbd777ff569841271999219a2c2b41579873948bb6');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/accounts_for_login.sql', '7c00fd13eace84923c549bb180fd5aad8cc50e2ce0d7c6d11d354a04249aa0ce');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/actor.sql', '264d11bc7e9b4c39c9a3cb5c142242a3250fe596893d3084e11c5dce01a8c5db');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/address_change_of.sql', '565c45e7b0cff9f97f748f30f3e50a74b21832073ff50f273eadeac33a074183');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/address_confirm.sql', '193a515db1a9aafd4be57cfc7e2f0195f74b7958082436591452cb5992f914e4');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/address_kept.sql', '18c2771559d4f2ff3016976f468c18d84f745f07678d09161b8cacf5efc167e7');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/address_object.sql', 'addbeb8608eab799c0dc25736ea1ef7174d572254353c8723976a482a2087d45');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/address_propose.sql', 'f9e3eccd475f6dc12568706ba3fc736fa742aa9fa4c2c6e9e2ae4ae340b9466d');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/address_recent.sql', '782ea5b066ec72f2191d6bbd0f420fce4eb8fa0f32cc524fad0fb9e9270dd83e');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/address_store.sql', '71913a52ced604b69e9897f69e2f5d59f7492b702bdd9008d54ccdc252d9b183');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/address_taken.sql', '3f34a92babe6fd443646480b6f19f5dc2923ef234deb9fad77cc46c8608ee00e');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/anonymous.sql', 'a942295c70b43a9197a16504dbf508c67fdfff8a0ce64d873b799e98605d0112');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/as_owner.sql', '9b2cd4cc86dcad614425057e4fc9fc0400af067bb8a94e95a976e3e2eb56fd77');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/begun.sql', '4642e1c1636a6366125f42b482330933177694b15f62ab03a31fb42cc55f8877');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/care_team.sql', 'aa9db619ab88b29bda05f7e81d757defd32bbfb473f752a235b61dbaeac2f5b9');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/care_team_add.sql', '40ee1d1970574ded6e78877f9c29f9607f12907125eab8e0df5f5e7d2b7c867f');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/challenge_claim.sql', '462111023e4109f069566f99676770f7dbd7cb39e03b84a7d5f657727d5608a8');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/challenge_create.sql', 'c2029f1fabd4614ff71d267a8571d6fd6db0406fa986373767e2dd574b528547');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/choice_claim.sql', '935ce4439d2189d69b4c88e6b849a13f757ff72913d3fb3451a9eac88c301f50');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/choice_create.sql', '2508f530c465ae98aefdac9622419170d1dae5dd23d9ea878381d03ebd9e82d8');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/claim_index.sql', 'ce4e48daaa8632b530ca1ab3d707729dd1bb65b41646f5f2fa50b38d96e2e8a5');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/claimed_actor.sql', '245e9d3471626f0d357eeb3742f35690ba4987bb58cb02c9167a58b37fdfa562');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/claimed_patient.sql', '596e653ca835f6af9d3efa9dfb3e90906ff9bc9a3ed863ccb2d5c23ff9bb11b0');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/claimed_practice.sql', '7e17b103952318d2dfff11805f1665b37814179cee2c41a948a2b2b3fac58261');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/concerns.sql', '13ff193c6bb2e4e786b4b1d64d9ca6c0850db58598563834b41279a6e940766e');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/end_all.sql', '938f235f63c8d8879096d89292e0dcfb612dcb7c5ec974922fce26c8091ca02b');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/factor_is_fresh.sql', '1cc96d7efa66af1931eb550af057170c0c3aec4ab76acfe7de11e6550f4a0a73');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/glass_break.sql', 'c565eaf3ab19bc36dc64c7424ec40e97dcf63dc491b1f12eb9d9721bf7950743');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/glass_patient.sql', 'ed6b68e9b8d4904328de2f843d0a013d2ae5fa2d92325a4c1ccbda4bab068a77');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/has_factor.sql', 'c7a29ac4aa95e7ae0b8b29932c5025f5fb140d3677a0ec30b71a92054c65e542');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/held_password.sql', 'be10e19d59a71b682309f9737f9f5e1fc291914f4b8872e314afe839b389be9d');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/held_since.sql', '5d68c371d975b619ded4f5e84110f1abca1e7a4a00d1ff2a48132bd5f7606820');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/held_until.sql', '4c5ebef0e5edc35981e4ca6c0d1b101fb6b0dae172a063cd5647711e09c9ac85');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/hold.sql', 'fd721ba2fc0b153ec2f7c40a31ee129885a4014b4ef89a963a9cab12c81a6766');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/hold_end.sql', '15acc73a1a9e1ebe7459a772428cefa13df359aa368c42e53c6b40c9e41c2836');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/invitation_by_token.sql', 'a25bc31cc3075b14da7654356605735a7c3182531c6fc02cb98acbb794e5a59a');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/invitation_tried.sql', '9102d5039df75905d5af4ff68dda90f939b031699864282e8672f763c16160ff');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/invited_patient.sql', 'f6dc5395ee0a0463e03077c3161e5635aba2467382cdac4600439e4a49766af4');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/is_fresh.sql', '17f23bf65453d8da285d64af1048e4329dedd376ca1eaa9dc632363632c2551e');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/join_care_team.sql', '75247be8c2d55b7dc477a5893b88e37f53edf190f23f7a7fae52bc3a85fb284a');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/key_version.sql', '41e266443baa3b0141548a4af90eb3b7f2b23a9372cc868df55f0947ce0946d8');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/keys_gone.sql', 'ea3bb21b5298cd6803d01ff8dd4be368fd18019b2e5e3111833f266a9f5b59bd');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/keys_pass.sql', 'cee58f8ff9c5d6eec968bddbe288661e408925679aeb5fa67a0757e71f6f3475');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/keys_rewrite.sql', '48f6cb1331c5049fe0df5c6b7603d1f81a45fa6796dfe31a079c3045711b2b2e');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/link_owners.sql', 'c21f7afe5e5062ae5a159c04db803be5d0773ebc080523effb8827c2b8547fd5');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/may_add_factor.sql', 'd76cceef6b8bf1999fb9ad2c4e16d78cc7a36ca04b10ac5783bea286c4d6d403');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/may_propose.sql', 'ebd63a7d37645ba25244e2f01e1a5c8f1745785b814b9cc587bb51a41a4355a4');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/needs_factor.sql', 'a5c479ef920e275623a37975e01555085e416c8e07e291d903b195797e705f12');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/open_assignments.sql', '9e4c39730751525cf1e8bd14495b4235e1295d4ee29a915ac8cb7ef484697351');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/own_account.sql', 'd315faf69ac9bddc4661151b9a06e359957f67d0081cdd61f3414a42c7453d57');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/own_factors.sql', '42f0fab29e43d0744b641b0ca36e1caa12420473f2fe627a7983e7d476e544e6');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/passkey_accept.sql', '95337df9d47696aa7c6a7734f5036baad582ff7b8825f971558a5f8c1f676322');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/passkey_add.sql', 'e3f9e591fcb630eb4c4106b806ebce3a146755c1d154038ececa24233c0a7c52');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/passkey_begin.sql', '74a44c438998d6df55ca89aa16c5a5714b4a131e7b7784a861e0757f60f77496');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/passkey_doubt.sql', '6ab1eb2294e4d366120b17e44fcca3e14c56ade7df6c6dfb69abf98e2ca1ac54');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/passkey_find.sql', '05399a47c2ea6c442e371e6b61cafc3394bc841fb30daa43c2d276cd2dd5f32a');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/passkey_person.sql', '24182ed958dd6710acd1e797e0805a99b5e747f50e9d4861c81a6d517ab01428');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/passkey_remove.sql', '35f13a8a4bdb6d7952bab76cb8ba53c856cf8ac3122b678895176fccfb77e5c4');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/passkey_rename.sql', 'a936c27e6a8b7f2882212601c827d027cc9af90afa03c9d62dca00eb4006bc33');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/passkey_spend.sql', 'e4db1300c5094523465cc029ccabcc7783466c67686c6f26416ab56581241bae');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/passkeys.sql', 'a6b9e97b2cfce68e8419d3b78bfbf91851127f33225955288cb464ecd9475ded');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/password_change.sql', '48650124d10b80990d8f32d3e126f512f73db9a50931c73885cb623832a585b2');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/password_renew.sql', '17cb7df0c6d1b62fe7f1168e493ceab418a3f9f3a6aa38304469c35f4e6809f3');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/patient.sql', 'a240497a22fe420cb8e3055871e0d6bde06f7308bcf4afc0685fa1bdd3a74c07');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/patient_address.sql', '78ac8099cbdc95e04c1bbe60c714e41f1dfb278676c24844cd1ab1755d8211f0');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/patient_archive.sql', '18291f3d6b86f18f99a2a1031e68e89c1cacea1eacd85c1a4be5c46eb8e13f0e');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/patient_choose.sql', '6278a1e40a828470491c6a1f6c9d4fbb9c229a24315242db7247b753b0ca2f82');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/patient_claim.sql', '046eaefa7cef67e4b0e08123e576b2e5a2b1f2037bd155b790e96e10a16d64e8');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/patient_erase.sql', '0bf0a8d2427ebe22a312f88ceeee03df0216e4516d82789fe3fbe7ee6acd93b5');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/practice.sql', '5580ad76c70eb922467091e549ff973fa3ad86e0c0c4204f41557cbfdde18895');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/practice_change.sql', '88e6bbe283e6a620bdfc35d9a324836b809aa573336a0f1ee4cbbc8d190b0d0d');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/prove.sql', 'dd231b2a3cdd18b570b7d327852d96d59b791918b687e19e0371c4b05c4fbf75');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/realm.sql', 'cbdba934908affbee37f1eaa35ac77ae7decffeaf246a0d6582deff02b21ba16');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/recovery_answer.sql', '67b9cc9614cef325925531ff83154b8910101c834b176f9ad3438f8b5663a0dc');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/recovery_replace.sql', '4f741da1c89d68947258055f3672f39896f6ee811a064d03bf36981bc414c9c8');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/recovery_use.sql', '74536831f0d6f2233a5ff40cc220d8a5c4dd135afe9e8e24e8b99251589feb99');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/register.sql', '936562abe7fc635f3f9ec233ec7d3a7548e60941d2936db1f7ff13d0894d0cb4');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/registration_propose.sql', '19ee54b7d4e0e3816c49fe4007422c8307b896c0160de93905f16b3a6ac555ad');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/reset_account.sql', 'af022e69c38f5d3df6cc404675911a4109e78b3afbbf7967762ad66c71cf3855');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/reset_begin.sql', '1e7703241bdae189eec68bbcb07b37f6eff9156ded5df5073f3968ac0e957017');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/reset_finish.sql', '52ce00061c3875f7a327ac59201bbb03114615c25a4a138c2e3e477af715d7af');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/role.sql', '4d5e9aa3761491d7e81c82bf5c808c7e3e276b02a6390071adff93b7396ee381');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/sees.sql', 'a669a287ce2f0c100caefb8c96abdcbb94c79efbcd8358934c2014f4b4a20167');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/sees_all.sql', '714f146bc67af4952fc07485669cc04490e57a60823ac3a059d472001c914f7f');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/session.sql', '2d234a62a0e1a1fbfcef684b6b6740d1fad6aebfd15d3348fc0342a8abaffaac');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/session_create.sql', 'b0d644f0a5516d358b3c41a91de9cec1d26e3f06fca068679ffbffe8ceabac09');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/session_end.sql', '75a0f6a1b9aaa64d39ac74ff6b6b0b38c86e6bdc9586a5c784f8d4fbd03168bb');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/session_end_all.sql', '83b64b76517562880d4459c22c12a25c833b41c869bffec8ebf74b236c4940f7');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/session_end_one.sql', 'f15494055adad86129f41f8b3f4cf2fb52dd43219c52e313f9acf1e663a79bba');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/session_expires_at.sql', '5d06f72449f9eb2e7fb83061f1d47ccd66f60517b1a20d1cb8d272e241ccced6');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/session_step_up.sql', '41b11380f6f2903d23298783f115e7c42f25d2f76298bba444f9418224cbdcc6');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/sessions.sql', '7195832c0dd50639c553673686656c8cb98b7004ebd07b069240b60ebb5b1d2f');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/shut.sql', '0a9bbdd666ec63d970ca3a3bf37cb1c37dcd177d143c11ca1ca3e861b791de6d');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/sign_in_remember.sql', 'd565c2cb57b97003a6a359d220049a9ea1aeb28cc0750c3e2aee427590f98f57');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/signed.sql', '72be2ab846c829c8350df9e9e37fa3dface3bc5c482b26ab615f158c5e5046d0');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/staff_change.sql', 'f49358edd0e4eb358af340937c613c71967234a0c5a4539981e6d433c6c392a1');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/staff_invite.sql', '7e219c4cb0687ba03a56ce16c7ac21caf63da9a1ba78c25e7f949e2a394e0192');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/staff_invited.sql', '64d503def111b6d839bdff3f1570621a7d43d3957dc0da251122bcafd136592f');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/staff_join.sql', '9befa7cd384f4979e8830d5d27e3b68a16cc9ddca7f9f0a4930cc85c00b7b6e7');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/staff_link.sql', 'a332e0c70392a96be0ec39b083c7164540086ad6e2ae59534c08a5ee38ece46e');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/staff_readdress.sql', 'e5e9292246948a6ea4c522e8d1d56e7a1f8300268b1fa14a94e24fe42dec8dc8');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/staff_register.sql', 'c0aa87901a8d7a133192e3a08f792253ac32422d3c6aa4a8c10126d73778dc68');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/staff_reinvite.sql', '198743f4e7e1edf208615fcfb3402eec550cd4919e19d8651975c5c537309af7');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/staff_rename.sql', '2fad8c3e778daeae256bc0a58016d92cfb513c828e684d1d23467a740eb5b59a');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/staff_writes.sql', '54f1e63b2e33dbda6f45bb5af54da916cd974e068cf74a25f93a1d61f0172dfb');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/sweep.sql', 'f637bdc6c8353758fcb4787ec70eea88665ce342ac4f5de13af72210f63a6fbb');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/throttle_check.sql', '9c689911cb5fad141a8a37d8811ae4f2658b2a3453872dd631078c65b39d6300');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/throttle_clear.sql', 'cca9ef2c4a8ffbe3817723e86150051dc70b35164fa5ef651f386e01bcb8fc4e');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/throttle_fail.sql', '68ea76738188757814e79bfc6ff87850f7655d077fa41834397c0684bea237a2');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/throttle_keys.sql', '32f78c3d63492e553925b23316dcea117a68fd3cd35025d874821fcb5ee9e7ac');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/throttle_note.sql', 'f85d54fc68010dcfefcb2aaf49492ab4885127bae51193dc0b29cbe168425aef');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/through_glass.sql', 'aa8566f6ff0f2e52f9cbdcfafe4e61bf5bc3f9bc55987b37d0ec7bbf8ff39107');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/totp_accept.sql', '228555aa7704b724ae2c6991aa4c866b96a6ac8c0aed4d82050243f241878708');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/totp_begin.sql', '0c4d134f4b6ad52b9e04a2325506935927087df160791f8f6acc0e5f87322e3d');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/totp_confirm.sql', 'bc4ebbb01bc6726af98b85a9cb5252c1066e50057d55da23ea14e4ba3c0260c5');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/totp_person.sql', 'e4b272b1a0cd3ca67bd6d101be0de359f4398fea4e0d0b9c929174d0a4836ddd');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/totp_remove.sql', '456614275e4bbbec75ec8b86246133d20f4ecd966a5a9a0af9b9e302d644db33');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/auth/unhold.sql', '176f8413da02864f260c76ddf976cac498ec4441ae059eed56b9086980bd798e');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/phi/open.sql', '1d626b05581f9e31d300f36d500d8863776f40a3d3ce25adea8cc171e4e4e974');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('functions/phi/seal.sql', '872d02abcc8f7bdf65cc814996e6b937742823b87b81c777ec5e2829d4772562');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.assignment.sql', '2f24be31d2c232e794fd1b93dadf4af4b57bd814b8fcf7a28f0135e4329fe601');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.break_glass.sql', '313892fa66c6466f52d53b48ea3a053329a5de77d224fbd4722386c437cba3f2');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.care_team.sql', 'bab648a8e880ee4061aacc5b77128fb37d9dcb56f943f907bf1b04ec1fad9933');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.data_key.sql', '531d18d75b50e04c3286ef2e768e80ae7fd37ea77ed5f6bade5b0f5db76e2c01');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.idempotency.sql', 'fbf0f5259b6515fbc7a214b61d4aecdc7134a98da8fe0b41a8ae416f2d3b2d68');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.invitation.sql', 'b453953152eeca76c48d71fa2aa2138d670f5190a7ba4d7301b0cb082099ba47');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.migration.sql', '855cf70577fd009f109ddde22e521a1e2eed98d7973af97c2b33716bb5f6a58f');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.outbox.sql', '8236783a88da53cdf01a2128b1306b3dbeb47f9e1989600b37fddfeddd186e51');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.patient.sql', '0945f58a0c0d754e3545995a7fc8404a13a9529057317af9dd2359bd58249138');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.practice.sql', '66931f2edddf3d62f29bc21a4181352b9d30443b5f633db7a2308caf564028bf');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.questionnaire.sql', '175e44fa3ef7ded0aec568c414c6a9255c709b81a228b812fd0d42bc4dd72239');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.questionnaire_version.sql', '32d21629b05d253044f84d0b2e28857c986338c75e7a00e2837e92c5b2c51e30');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.response.sql', 'c809f870a17e429dfde2ef9a8380a3db308ced0ec5758849ee1c67124f09dbe3');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.response_migration.sql', '7198ec9da1a55370ba5d0c7cdc03a9ab67caa829d125743b421fc5ae5aefbc2d');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.sql_state.sql', '79065370e4b18cfc6c7b08991fa9427d0418d862e972de4e01b94c4b68d6b019');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.staff.sql', '7488ddbd0796c48f6ee84129aa628f40f01fc9e51956856a1c22177eed36eac0');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/anamnesis.value_set.sql', '0900d0dc2a5c23cb2ac7333525025285340e16899ba4ee60981ef50f5b36b5ca');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/audit.event.sql', '63b23592c3c372f104eb069bf7c64125b3158c73154390223c5d6adf6b2b4c53');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/audit.seal.sql', '82db412372c6f9aa8b50ab110245cb12274c5ce12e497d5ae9f377137aff8a1e');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/audit.stranger.sql', 'd02eae79d97b2d9d0168336c7c69276228537bf2130d49f940022abd03b1a58a');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.account.sql', 'bba05de8a109364c5d1e57fa81287990f18a898d60195108dd619853c180ceb3');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.acting.sql', '9d605edf60edcf27b9bb29505c8b8fa5910553f49169f56d8ba92332545f0d8f');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.address_change.sql', 'dd81f170d8965646caeb49c9c341c0b0f6554b87930d06c3c76e42d9e9e7423e');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.challenge.sql', 'dfce68b5ed8e05cb5b72ae1b7ba07532c99c12d2bad52833653ec2dac9652d47');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.erasure.sql', 'f65f1761962ddfe81d1e8529f3fce56e4093e32e48ac3a63394e7e81dd3058e1');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.familiar.sql', 'b7b47562f5f34516cf138ee12adaa6208f11da17f636fc77bfc9ad118bfab312');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.key_check.sql', 'f6daaa449e38a3495df2e9586922b5764903fb580fbf8832c8018a241e973416');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.passkey.sql', '409dd3c33aa6c176250f4444e53bdeebb757befc25c36ea2fccbaa93ed5b20db');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.passkey_challenge.sql', '6da5f0b47fc93e69fd12a0610c93ef132c742a0e9717ad447d4875dc5cbf08d5');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.proof_key.sql', '936be042b66dea95671650f2852a674c1164c9d44fdbdcc63706d757b8ab2957');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.recovery_code.sql', 'c2d18954b6a29e0ecc43a61adf23c7a8fadb94a5ca88390d7c44c6c26be218f1');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.session.sql', '1e1ab832a7c814642064a6af3c1bd7f5532966f882fd04e9bc8a182fcbc70e73');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.staff_invitation.sql', 'df260ab02e51d53c31bf8118e1ccbb620041e222253e29ad76a4dd285a05cb1c');
INSERT INTO anamnesis.sql_text (path, sha256) VALUES ('policies/auth.throttle.sql', 'a9254062b75cb49f20849cf5528c00c041f9e86fb0097cc1d49219ad0b77c3e9');

INSERT INTO anamnesis.value_set (id, practice_id, url, version, title, revision, resource, created_by, created_at, updated_at) VALUES ('01a22b79-aee4-7ec6-98db-c95ad104608f', '00000000-0000-7000-8000-0000000000a1', 'urn:example:set', '', 'Set', 1, '{}', '00000000-0000-7000-8000-0000000000c1', '2026-11-30 08:02:04.637011+00', '2026-11-30 08:02:04.637011+00');

INSERT INTO audit.event_2023_12 (id, "position", at, practice_id, realm, actor_id, role, session_id, client_address, request_id, operation, object_id, patient_ids, outcome, detail) VALUES (2, -2, '2023-12-31 12:00:00+00', NULL, 'none', NULL, NULL, NULL, '', '00000000-0000-4000-8000-000000000001', 'operation_1', NULL, '{00000000-0000-7000-8000-000000000001}', 'ok', NULL);

INSERT INTO audit.event_2024_02 (id, "position", at, practice_id, realm, actor_id, role, session_id, client_address, request_id, operation, object_id, patient_ids, outcome, detail) VALUES (1, -3, '2024-02-29 23:59:59.999999+00', NULL, 'none', NULL, NULL, NULL, '', '00000000-0000-4000-8000-000000000000', 'operation_0', NULL, '{00000000-0000-7000-8000-000000000000}', 'ok', NULL);

INSERT INTO audit.event_2024_03 (id, "position", at, practice_id, realm, actor_id, role, session_id, client_address, request_id, operation, object_id, patient_ids, outcome, detail) VALUES (3, -1, '2024-03-01 00:00:00+00', NULL, 'none', NULL, NULL, NULL, '', '00000000-0000-4000-8000-000000000002', 'operation_2', NULL, '{00000000-0000-7000-8000-000000000002}', 'ok', NULL);

INSERT INTO audit.event_2026_11 (id, "position", at, practice_id, realm, actor_id, role, session_id, client_address, request_id, operation, object_id, patient_ids, outcome, detail) VALUES (4, 946, '2026-11-30 07:00:00+00', '00000000-0000-7000-8000-0000000000a1', 'staff', '00000000-0000-7000-8000-0000000000c1', 'owner', NULL, '192.0.2.1', '00000000-0000-4000-8000-000000000009', 'questionnaire_publish', NULL, '{}', 'ok', NULL);

INSERT INTO audit.stranger (hour, network, requests, last_at) VALUES ('2026-11-30 07:00:00+00', '192.0.2.0/24', 7, '2026-11-30 08:02:04.637011+00');

INSERT INTO auth.proof_key (one, secret) VALUES (true, '\x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a');

INSERT INTO auth.throttle (key, failures, last_failure, blocked_until, counts_until, origin) VALUES ('\x7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed', 2, '2026-11-30 08:02:04.637011+00', '2026-11-30 08:02:04.637011+00', '2027-02-28 08:02:04.637011+00', '\x181fdd46fc4a7246b9f4f1eba3129ba5d724011af5f10223b3589955d1df108a');

SELECT pg_catalog.setval('anamnesis.sql_state_number_seq', 1, true);

SELECT pg_catalog.setval('audit.event_id_seq1', 4, true);

ALTER TABLE ONLY anamnesis.assignment
    ADD CONSTRAINT assignment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY anamnesis.assignment
    ADD CONSTRAINT assignment_whole_key UNIQUE (practice_id, patient_id, id, questionnaire_id, version);

ALTER TABLE ONLY anamnesis.break_glass
    ADD CONSTRAINT break_glass_of_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY anamnesis.break_glass
    ADD CONSTRAINT break_glass_pkey PRIMARY KEY (id);

ALTER TABLE ONLY anamnesis.care_team
    ADD CONSTRAINT care_team_pkey PRIMARY KEY (practice_id, staff_id, patient_id);

ALTER TABLE ONLY anamnesis.data_key
    ADD CONSTRAINT data_key_pkey PRIMARY KEY (patient_id);

ALTER TABLE ONLY anamnesis.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (practice_id, actor_id, key_hash);

ALTER TABLE ONLY anamnesis.invitation
    ADD CONSTRAINT invitation_answer_hash_key UNIQUE (answer_hash);

ALTER TABLE ONLY anamnesis.invitation
    ADD CONSTRAINT invitation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY anamnesis.invitation
    ADD CONSTRAINT invitation_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY anamnesis.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (version);

ALTER TABLE ONLY anamnesis.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY anamnesis.patient
    ADD CONSTRAINT patient_pkey PRIMARY KEY (id);

ALTER TABLE ONLY anamnesis.patient
    ADD CONSTRAINT patient_practice_id_id_key UNIQUE (practice_id, id);

ALTER TABLE ONLY anamnesis.practice
    ADD CONSTRAINT practice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY anamnesis.questionnaire
    ADD CONSTRAINT questionnaire_pkey PRIMARY KEY (id);

ALTER TABLE ONLY anamnesis.questionnaire
    ADD CONSTRAINT questionnaire_practice_id_id_key UNIQUE (practice_id, id);

ALTER TABLE ONLY anamnesis.questionnaire_version
    ADD CONSTRAINT questionnaire_version_pkey PRIMARY KEY (questionnaire_id, version);

ALTER TABLE ONLY anamnesis.questionnaire_version
    ADD CONSTRAINT questionnaire_version_practice_id_questionnaire_id_version_key UNIQUE (practice_id, questionnaire_id, version);

ALTER TABLE ONLY anamnesis.response
    ADD CONSTRAINT response_amendment_key UNIQUE (assignment_id, amendment);

ALTER TABLE ONLY anamnesis.response_migration
    ADD CONSTRAINT response_migration_pkey PRIMARY KEY (id);

ALTER TABLE ONLY anamnesis.response
    ADD CONSTRAINT response_of_assignment_key UNIQUE (assignment_id, id);

ALTER TABLE ONLY anamnesis.response
    ADD CONSTRAINT response_of_patient UNIQUE (practice_id, patient_id, id);

ALTER TABLE ONLY anamnesis.response
    ADD CONSTRAINT response_pkey PRIMARY KEY (id);

ALTER TABLE ONLY anamnesis.sql_state
    ADD CONSTRAINT sql_state_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY anamnesis.sql_text
    ADD CONSTRAINT sql_text_pkey PRIMARY KEY (path);

ALTER TABLE ONLY anamnesis.staff
    ADD CONSTRAINT staff_email_key UNIQUE (practice_id, email_index);

ALTER TABLE ONLY anamnesis.staff
    ADD CONSTRAINT staff_pkey PRIMARY KEY (id);

ALTER TABLE ONLY anamnesis.staff
    ADD CONSTRAINT staff_practice_id_id_key UNIQUE (practice_id, id);

ALTER TABLE ONLY anamnesis.value_set
    ADD CONSTRAINT value_set_canonical_key UNIQUE (practice_id, url, version);

ALTER TABLE ONLY anamnesis.value_set
    ADD CONSTRAINT value_set_of_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY anamnesis.value_set
    ADD CONSTRAINT value_set_pkey PRIMARY KEY (id);

ALTER TABLE ONLY audit.event
    ADD CONSTRAINT event_order PRIMARY KEY ("position", id, at);

ALTER TABLE ONLY audit.event_2023_12
    ADD CONSTRAINT event_2023_12_pkey PRIMARY KEY ("position", id, at);

ALTER TABLE ONLY audit.event_2024_02
    ADD CONSTRAINT event_2024_02_pkey PRIMARY KEY ("position", id, at);

ALTER TABLE ONLY audit.event_2024_03
    ADD CONSTRAINT event_2024_03_pkey PRIMARY KEY ("position", id, at);

ALTER TABLE ONLY audit.event_2026_11
    ADD CONSTRAINT event_2026_11_pkey PRIMARY KEY ("position", id, at);

ALTER TABLE ONLY audit.event_2026_12
    ADD CONSTRAINT event_2026_12_pkey PRIMARY KEY ("position", id, at);

ALTER TABLE ONLY audit.event_2027_01
    ADD CONSTRAINT event_2027_01_pkey PRIMARY KEY ("position", id, at);

ALTER TABLE ONLY audit.event_2027_02
    ADD CONSTRAINT event_2027_02_pkey PRIMARY KEY ("position", id, at);

ALTER TABLE ONLY audit.event_default
    ADD CONSTRAINT event_default_pkey PRIMARY KEY ("position", id, at);

ALTER TABLE ONLY audit.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY (number);

ALTER TABLE ONLY audit.stranger
    ADD CONSTRAINT stranger_pkey PRIMARY KEY (hour, network);

ALTER TABLE ONLY auth.account
    ADD CONSTRAINT account_passkey_handle_key UNIQUE (passkey_handle);

ALTER TABLE ONLY auth.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY auth.address_change
    ADD CONSTRAINT address_change_again_hash_key UNIQUE (again_hash);

ALTER TABLE ONLY auth.address_change
    ADD CONSTRAINT address_change_confirm_hash_key UNIQUE (confirm_hash);

ALTER TABLE ONLY auth.address_change
    ADD CONSTRAINT address_change_object_hash_key UNIQUE (object_hash);

ALTER TABLE ONLY auth.address_change
    ADD CONSTRAINT address_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY auth.challenge
    ADD CONSTRAINT challenge_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY auth.erasure
    ADD CONSTRAINT erasure_pkey PRIMARY KEY (patient_id);

ALTER TABLE ONLY auth.familiar
    ADD CONSTRAINT familiar_pkey PRIMARY KEY (account_id, mark);

ALTER TABLE ONLY auth.key_check
    ADD CONSTRAINT key_check_pkey PRIMARY KEY (kind, version);

ALTER TABLE ONLY auth.passkey_challenge
    ADD CONSTRAINT passkey_challenge_pkey PRIMARY KEY (challenge_hash);

ALTER TABLE ONLY auth.passkey
    ADD CONSTRAINT passkey_credential_index_key UNIQUE (credential_index);

ALTER TABLE ONLY auth.passkey
    ADD CONSTRAINT passkey_pkey PRIMARY KEY (id);

ALTER TABLE ONLY auth.proof_key
    ADD CONSTRAINT proof_key_pkey PRIMARY KEY (one);

ALTER TABLE ONLY auth.recovery_code
    ADD CONSTRAINT recovery_code_pkey PRIMARY KEY (account_id, code_hash);

ALTER TABLE ONLY auth.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY auth.session
    ADD CONSTRAINT session_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY auth.staff_invitation
    ADD CONSTRAINT staff_invitation_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY auth.throttle
    ADD CONSTRAINT throttle_pkey PRIMARY KEY (key);

CREATE INDEX assignment_open ON anamnesis.assignment USING btree (practice_id, questionnaire_id, version, status) WHERE (status = ANY (ARRAY['assigned'::text, 'in-progress'::text]));

CREATE INDEX break_glass_open ON anamnesis.break_glass USING btree (practice_id, staff_id, patient_id, expires_at);

CREATE INDEX care_team_of_patient ON anamnesis.care_team USING btree (practice_id, patient_id);

CREATE INDEX invitation_of_patient ON anamnesis.invitation USING btree (practice_id, patient_id, id);

CREATE INDEX migration_of_response ON anamnesis.response_migration USING btree (response_id, id);

CREATE INDEX outbox_of_invitation ON anamnesis.outbox USING btree (invitation_id, id) WHERE (invitation_id IS NOT NULL);

CREATE INDEX outbox_of_patient ON anamnesis.outbox USING btree (patient_id, id) WHERE (patient_id IS NOT NULL);

CREATE INDEX outbox_of_practice ON anamnesis.outbox USING btree (practice_id, created_at);

CREATE INDEX outbox_of_staff ON anamnesis.outbox USING btree (staff_id, id) WHERE (staff_id IS NOT NULL);

CREATE INDEX outbox_waiting ON anamnesis.outbox USING btree (next_at) WHERE ((sent_at IS NULL) AND (failed_at IS NULL));

CREATE INDEX patient_by_email ON anamnesis.patient USING btree (email_index, practice_id);

CREATE INDEX patient_by_record_number ON anamnesis.patient USING btree (practice_id, record_number_index);

CREATE UNIQUE INDEX response_amended_once ON anamnesis.response USING btree (amends) WHERE (status <> 'stopped'::text);

CREATE INDEX response_of_practice ON anamnesis.response USING btree (practice_id, id);

CREATE INDEX response_of_questionnaire ON anamnesis.response USING btree (practice_id, questionnaire_id, id);

CREATE UNIQUE INDEX response_open ON anamnesis.response USING btree (assignment_id) WHERE (status = 'in-progress'::text);

CREATE INDEX staff_by_email ON anamnesis.staff USING btree (email_index);

CREATE INDEX event_of_actor ON ONLY audit.event USING btree (actor_id, at, id);

CREATE INDEX event_2023_12_actor_id_at_id_idx ON audit.event_2023_12 USING btree (actor_id, at, id);

CREATE INDEX event_of_patient ON ONLY audit.event USING gin (patient_ids);

CREATE INDEX event_2023_12_patient_ids_idx ON audit.event_2023_12 USING gin (patient_ids);

CREATE INDEX event_of_practice ON ONLY audit.event USING btree (practice_id, at, id);

CREATE INDEX event_2023_12_practice_id_at_id_idx ON audit.event_2023_12 USING btree (practice_id, at, id);

CREATE INDEX event_2024_02_actor_id_at_id_idx ON audit.event_2024_02 USING btree (actor_id, at, id);

CREATE INDEX event_2024_02_patient_ids_idx ON audit.event_2024_02 USING gin (patient_ids);

CREATE INDEX event_2024_02_practice_id_at_id_idx ON audit.event_2024_02 USING btree (practice_id, at, id);

CREATE INDEX event_2024_03_actor_id_at_id_idx ON audit.event_2024_03 USING btree (actor_id, at, id);

CREATE INDEX event_2024_03_patient_ids_idx ON audit.event_2024_03 USING gin (patient_ids);

CREATE INDEX event_2024_03_practice_id_at_id_idx ON audit.event_2024_03 USING btree (practice_id, at, id);

CREATE INDEX event_2026_11_actor_id_at_id_idx ON audit.event_2026_11 USING btree (actor_id, at, id);

CREATE INDEX event_2026_11_patient_ids_idx ON audit.event_2026_11 USING gin (patient_ids);

CREATE INDEX event_2026_11_practice_id_at_id_idx ON audit.event_2026_11 USING btree (practice_id, at, id);

CREATE INDEX event_2026_12_actor_id_at_id_idx ON audit.event_2026_12 USING btree (actor_id, at, id);

CREATE INDEX event_2026_12_patient_ids_idx ON audit.event_2026_12 USING gin (patient_ids);

CREATE INDEX event_2026_12_practice_id_at_id_idx ON audit.event_2026_12 USING btree (practice_id, at, id);

CREATE INDEX event_2027_01_actor_id_at_id_idx ON audit.event_2027_01 USING btree (actor_id, at, id);

CREATE INDEX event_2027_01_patient_ids_idx ON audit.event_2027_01 USING gin (patient_ids);

CREATE INDEX event_2027_01_practice_id_at_id_idx ON audit.event_2027_01 USING btree (practice_id, at, id);

CREATE INDEX event_2027_02_actor_id_at_id_idx ON audit.event_2027_02 USING btree (actor_id, at, id);

CREATE INDEX event_2027_02_patient_ids_idx ON audit.event_2027_02 USING gin (patient_ids);

CREATE INDEX event_2027_02_practice_id_at_id_idx ON audit.event_2027_02 USING btree (practice_id, at, id);

CREATE INDEX event_default_actor_id_at_id_idx ON audit.event_default USING btree (actor_id, at, id);

CREATE INDEX event_default_patient_ids_idx ON audit.event_default USING gin (patient_ids);

CREATE INDEX event_default_practice_id_at_id_idx ON audit.event_default USING btree (practice_id, at, id);

CREATE INDEX address_change_kept ON auth.address_change USING btree (old_index) WHERE (old_index IS NOT NULL);

CREATE INDEX address_change_of_account ON auth.address_change USING btree (account_id, proposed_at);

CREATE UNIQUE INDEX address_change_open ON auth.address_change USING btree (account_id) WHERE ((confirmed_at IS NULL) AND (ended_at IS NULL));

CREATE INDEX challenge_of_account ON auth.challenge USING btree (account_id);

CREATE INDEX familiar_by_mark ON auth.familiar USING btree (mark) WHERE (kind = 'device'::text);

CREATE INDEX familiar_by_time ON auth.familiar USING btree (seen_at);

CREATE INDEX passkey_challenge_by_time ON auth.passkey_challenge USING btree (expires_at);

CREATE INDEX passkey_challenge_of_account ON auth.passkey_challenge USING btree (account_id);

CREATE INDEX passkey_of_account ON auth.passkey USING btree (account_id);

CREATE INDEX session_former ON auth.session USING btree (former_hash) WHERE (former_hash IS NOT NULL);

CREATE INDEX session_of_account ON auth.session USING btree (account_id) WHERE (ended_at IS NULL);

CREATE INDEX staff_invitation_of_staff ON auth.staff_invitation USING btree (staff_id);

CREATE INDEX throttle_by_time ON auth.throttle USING btree (counts_until);

CREATE INDEX throttle_of_origin ON auth.throttle USING btree (origin, last_failure) WHERE (origin IS NOT NULL);

ALTER INDEX audit.event_of_actor ATTACH PARTITION audit.event_2023_12_actor_id_at_id_idx;

ALTER INDEX audit.event_of_patient ATTACH PARTITION audit.event_2023_12_patient_ids_idx;

ALTER INDEX audit.event_order ATTACH PARTITION audit.event_2023_12_pkey;

ALTER INDEX audit.event_of_practice ATTACH PARTITION audit.event_2023_12_practice_id_at_id_idx;

ALTER INDEX audit.event_of_actor ATTACH PARTITION audit.event_2024_02_actor_id_at_id_idx;

ALTER INDEX audit.event_of_patient ATTACH PARTITION audit.event_2024_02_patient_ids_idx;

ALTER INDEX audit.event_order ATTACH PARTITION audit.event_2024_02_pkey;

ALTER INDEX audit.event_of_practice ATTACH PARTITION audit.event_2024_02_practice_id_at_id_idx;

ALTER INDEX audit.event_of_actor ATTACH PARTITION audit.event_2024_03_actor_id_at_id_idx;

ALTER INDEX audit.event_of_patient ATTACH PARTITION audit.event_2024_03_patient_ids_idx;

ALTER INDEX audit.event_order ATTACH PARTITION audit.event_2024_03_pkey;

ALTER INDEX audit.event_of_practice ATTACH PARTITION audit.event_2024_03_practice_id_at_id_idx;

ALTER INDEX audit.event_of_actor ATTACH PARTITION audit.event_2026_11_actor_id_at_id_idx;

ALTER INDEX audit.event_of_patient ATTACH PARTITION audit.event_2026_11_patient_ids_idx;

ALTER INDEX audit.event_order ATTACH PARTITION audit.event_2026_11_pkey;

ALTER INDEX audit.event_of_practice ATTACH PARTITION audit.event_2026_11_practice_id_at_id_idx;

ALTER INDEX audit.event_of_actor ATTACH PARTITION audit.event_2026_12_actor_id_at_id_idx;

ALTER INDEX audit.event_of_patient ATTACH PARTITION audit.event_2026_12_patient_ids_idx;

ALTER INDEX audit.event_order ATTACH PARTITION audit.event_2026_12_pkey;

ALTER INDEX audit.event_of_practice ATTACH PARTITION audit.event_2026_12_practice_id_at_id_idx;

ALTER INDEX audit.event_of_actor ATTACH PARTITION audit.event_2027_01_actor_id_at_id_idx;

ALTER INDEX audit.event_of_patient ATTACH PARTITION audit.event_2027_01_patient_ids_idx;

ALTER INDEX audit.event_order ATTACH PARTITION audit.event_2027_01_pkey;

ALTER INDEX audit.event_of_practice ATTACH PARTITION audit.event_2027_01_practice_id_at_id_idx;

ALTER INDEX audit.event_of_actor ATTACH PARTITION audit.event_2027_02_actor_id_at_id_idx;

ALTER INDEX audit.event_of_patient ATTACH PARTITION audit.event_2027_02_patient_ids_idx;

ALTER INDEX audit.event_order ATTACH PARTITION audit.event_2027_02_pkey;

ALTER INDEX audit.event_of_practice ATTACH PARTITION audit.event_2027_02_practice_id_at_id_idx;

ALTER INDEX audit.event_of_actor ATTACH PARTITION audit.event_default_actor_id_at_id_idx;

ALTER INDEX audit.event_of_patient ATTACH PARTITION audit.event_default_patient_ids_idx;

ALTER INDEX audit.event_order ATTACH PARTITION audit.event_default_pkey;

ALTER INDEX audit.event_of_practice ATTACH PARTITION audit.event_default_practice_id_at_id_idx;

CREATE TRIGGER broken_for_ever BEFORE DELETE OR UPDATE ON anamnesis.break_glass FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE anamnesis.break_glass ENABLE ALWAYS TRIGGER broken_for_ever;

CREATE TRIGGER broken_for_ever_all BEFORE TRUNCATE ON anamnesis.break_glass FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE anamnesis.break_glass ENABLE ALWAYS TRIGGER broken_for_ever_all;

CREATE TRIGGER completed_for_ever BEFORE DELETE OR UPDATE ON anamnesis.response FOR EACH ROW WHEN ((old.status <> 'in-progress'::text)) EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE anamnesis.response ENABLE ALWAYS TRIGGER completed_for_ever;

CREATE TRIGGER completed_for_ever_all BEFORE TRUNCATE ON anamnesis.response FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE anamnesis.response ENABLE ALWAYS TRIGGER completed_for_ever_all;

CREATE TRIGGER joins_care_team AFTER INSERT ON anamnesis.patient FOR EACH ROW EXECUTE FUNCTION auth.join_care_team();

CREATE TRIGGER migrated_for_ever BEFORE DELETE OR UPDATE ON anamnesis.response_migration FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE anamnesis.response_migration ENABLE ALWAYS TRIGGER migrated_for_ever;

CREATE TRIGGER migrated_for_ever_all BEFORE TRUNCATE ON anamnesis.response_migration FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE anamnesis.response_migration ENABLE ALWAYS TRIGGER migrated_for_ever_all;

CREATE TRIGGER moves_forward BEFORE UPDATE OF version ON anamnesis.assignment FOR EACH ROW EXECUTE FUNCTION anamnesis.assignment_moves();

ALTER TABLE anamnesis.assignment ENABLE ALWAYS TRIGGER moves_forward;

CREATE TRIGGER published_for_ever BEFORE DELETE OR UPDATE ON anamnesis.questionnaire_version FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE anamnesis.questionnaire_version ENABLE ALWAYS TRIGGER published_for_ever;

CREATE TRIGGER published_for_ever_all BEFORE TRUNCATE ON anamnesis.questionnaire_version FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE anamnesis.questionnaire_version ENABLE ALWAYS TRIGGER published_for_ever_all;

CREATE TRIGGER spoken BEFORE INSERT ON anamnesis.outbox FOR EACH ROW EXECUTE FUNCTION anamnesis.outbox_spoken();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON audit.event FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE audit.event ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON audit.seal FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE audit.seal ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.event FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE audit.event ENABLE ALWAYS TRIGGER append_only_all;

CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.event_2023_12 FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE audit.event_2023_12 ENABLE ALWAYS TRIGGER append_only_all;

CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.event_2024_02 FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE audit.event_2024_02 ENABLE ALWAYS TRIGGER append_only_all;

CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.event_2024_03 FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE audit.event_2024_03 ENABLE ALWAYS TRIGGER append_only_all;

CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.event_2026_11 FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE audit.event_2026_11 ENABLE ALWAYS TRIGGER append_only_all;

CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.event_2026_12 FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE audit.event_2026_12 ENABLE ALWAYS TRIGGER append_only_all;

CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.event_2027_01 FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE audit.event_2027_01 ENABLE ALWAYS TRIGGER append_only_all;

CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.event_2027_02 FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE audit.event_2027_02 ENABLE ALWAYS TRIGGER append_only_all;

CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.event_default FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE audit.event_default ENABLE ALWAYS TRIGGER append_only_all;

CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.seal FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();

ALTER TABLE audit.seal ENABLE ALWAYS TRIGGER append_only_all;

ALTER TABLE ONLY anamnesis.assignment
    ADD CONSTRAINT assignment_practice_id_patient_id_fkey FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient(practice_id, id);

ALTER TABLE ONLY anamnesis.assignment
    ADD CONSTRAINT assignment_practice_id_questionnaire_id_version_fkey FOREIGN KEY (practice_id, questionnaire_id, version) REFERENCES anamnesis.questionnaire_version(practice_id, questionnaire_id, version);

ALTER TABLE ONLY anamnesis.break_glass
    ADD CONSTRAINT break_glass_practice_id_patient_id_fkey FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient(practice_id, id);

ALTER TABLE ONLY anamnesis.break_glass
    ADD CONSTRAINT break_glass_practice_id_staff_id_fkey FOREIGN KEY (practice_id, staff_id) REFERENCES anamnesis.staff(practice_id, id);

ALTER TABLE ONLY anamnesis.care_team
    ADD CONSTRAINT care_team_practice_id_patient_id_fkey FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient(practice_id, id);

ALTER TABLE ONLY anamnesis.care_team
    ADD CONSTRAINT care_team_practice_id_staff_id_fkey FOREIGN KEY (practice_id, staff_id) REFERENCES anamnesis.staff(practice_id, id);

ALTER TABLE ONLY anamnesis.data_key
    ADD CONSTRAINT data_key_practice_id_patient_id_fkey FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient(practice_id, id);

ALTER TABLE ONLY anamnesis.idempotency
    ADD CONSTRAINT idempotency_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES anamnesis.practice(id);

ALTER TABLE ONLY anamnesis.invitation
    ADD CONSTRAINT invitation_practice_id_patient_id_fkey FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient(practice_id, id);

ALTER TABLE ONLY anamnesis.outbox
    ADD CONSTRAINT outbox_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES anamnesis.practice(id);

ALTER TABLE ONLY anamnesis.patient
    ADD CONSTRAINT patient_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES anamnesis.practice(id);

ALTER TABLE ONLY anamnesis.questionnaire
    ADD CONSTRAINT questionnaire_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES anamnesis.practice(id);

ALTER TABLE ONLY anamnesis.questionnaire
    ADD CONSTRAINT questionnaire_practice_id_id_version_fkey FOREIGN KEY (practice_id, id, version) REFERENCES anamnesis.questionnaire_version(practice_id, questionnaire_id, version);

ALTER TABLE ONLY anamnesis.questionnaire_version
    ADD CONSTRAINT questionnaire_version_practice_id_questionnaire_id_fkey FOREIGN KEY (practice_id, questionnaire_id) REFERENCES anamnesis.questionnaire(practice_id, id);

ALTER TABLE ONLY anamnesis.response
    ADD CONSTRAINT response_amends FOREIGN KEY (assignment_id, amends) REFERENCES anamnesis.response(assignment_id, id);

ALTER TABLE ONLY anamnesis.response_migration
    ADD CONSTRAINT response_migration_practice_id_patient_id_response_id_fkey FOREIGN KEY (practice_id, patient_id, response_id) REFERENCES anamnesis.response(practice_id, patient_id, id);

ALTER TABLE ONLY anamnesis.response
    ADD CONSTRAINT response_of_assignment FOREIGN KEY (practice_id, patient_id, assignment_id, questionnaire_id, version) REFERENCES anamnesis.assignment(practice_id, patient_id, id, questionnaire_id, version) ON UPDATE CASCADE;

ALTER TABLE ONLY anamnesis.staff
    ADD CONSTRAINT staff_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES anamnesis.practice(id);

ALTER TABLE ONLY anamnesis.value_set
    ADD CONSTRAINT value_set_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES anamnesis.practice(id);

ALTER TABLE ONLY auth.account
    ADD CONSTRAINT account_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES anamnesis.practice(id);

ALTER TABLE ONLY auth.address_change
    ADD CONSTRAINT address_change_invitation_id_fkey FOREIGN KEY (invitation_id) REFERENCES anamnesis.invitation(id);

ALTER TABLE ONLY auth.address_change
    ADD CONSTRAINT address_change_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES anamnesis.practice(id);

ALTER TABLE ONLY auth.challenge
    ADD CONSTRAINT challenge_account_id_fkey FOREIGN KEY (account_id) REFERENCES auth.account(id);

ALTER TABLE ONLY auth.challenge
    ADD CONSTRAINT challenge_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES anamnesis.practice(id);

ALTER TABLE ONLY auth.familiar
    ADD CONSTRAINT familiar_account_id_fkey FOREIGN KEY (account_id) REFERENCES auth.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY auth.passkey
    ADD CONSTRAINT passkey_account_id_fkey FOREIGN KEY (account_id) REFERENCES auth.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY auth.passkey_challenge
    ADD CONSTRAINT passkey_challenge_account_id_fkey FOREIGN KEY (account_id) REFERENCES auth.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY auth.passkey_challenge
    ADD CONSTRAINT passkey_challenge_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES anamnesis.practice(id);

ALTER TABLE ONLY auth.passkey
    ADD CONSTRAINT passkey_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES anamnesis.practice(id);

ALTER TABLE ONLY auth.recovery_code
    ADD CONSTRAINT recovery_code_account_id_fkey FOREIGN KEY (account_id) REFERENCES auth.account(id);

ALTER TABLE ONLY auth.session
    ADD CONSTRAINT session_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES anamnesis.practice(id);

ALTER TABLE ONLY auth.staff_invitation
    ADD CONSTRAINT staff_invitation_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES anamnesis.practice(id);

ALTER TABLE ONLY auth.staff_invitation
    ADD CONSTRAINT staff_invitation_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES anamnesis.staff(id);

ALTER TABLE anamnesis.assignment ENABLE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.break_glass ENABLE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.care_team ENABLE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.data_key ENABLE ROW LEVEL SECURITY;

CREATE POLICY delivers ON anamnesis.outbox TO anamnesis_jobs USING (true);

ALTER TABLE anamnesis.idempotency ENABLE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.invitation ENABLE ROW LEVEL SECURITY;

CREATE POLICY leaves ON anamnesis.outbox FOR INSERT TO anamnesis_api WITH CHECK ((practice_id = ( SELECT w.practice_id
   FROM auth.acting w)));

ALTER TABLE anamnesis.outbox ENABLE ROW LEVEL SECURITY;

CREATE POLICY own ON anamnesis.break_glass FOR SELECT TO anamnesis_api USING (((practice_id = ( SELECT w.staffs
   FROM auth.acting w)) AND (( SELECT w.sees_all
   FROM auth.acting w) OR (staff_id = ( SELECT w.actor_id
   FROM auth.acting w)))));

CREATE POLICY own ON anamnesis.care_team FOR SELECT TO anamnesis_api USING (((practice_id = ( SELECT w.staffs
   FROM auth.acting w)) AND (( SELECT w.sees_all
   FROM auth.acting w) OR (staff_id = ( SELECT w.actor_id
   FROM auth.acting w)))));

CREATE POLICY own ON anamnesis.idempotency TO anamnesis_api USING (((actor_id = ( SELECT w.signed_in
   FROM auth.acting w)) AND (practice_id = ( SELECT w.practice_id
   FROM auth.acting w))));

CREATE POLICY own ON anamnesis.practice FOR SELECT TO anamnesis_api USING ((id = ( SELECT w.practice_id
   FROM auth.acting w)));

CREATE POLICY owner ON anamnesis.assignment TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.break_glass TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.care_team TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.data_key TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.idempotency TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.invitation TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.outbox TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.patient TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.practice TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.questionnaire TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.questionnaire_version TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.response TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.response_migration TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.staff TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON anamnesis.value_set TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner_removes ON anamnesis.care_team FOR DELETE TO anamnesis_api USING (((practice_id = ( SELECT w.staffs
   FROM auth.acting w)) AND (( SELECT w.role
   FROM auth.acting w) = 'owner'::text)));

ALTER TABLE anamnesis.patient ENABLE ROW LEVEL SECURITY;

CREATE POLICY patient_adds ON anamnesis.response_migration FOR INSERT TO anamnesis_api WITH CHECK (((practice_id = ( SELECT w.practice_id
   FROM auth.acting w)) AND (patient_id = ( SELECT w.patient_id
   FROM auth.acting w))));

CREATE POLICY patient_answers ON anamnesis.assignment FOR UPDATE TO anamnesis_api USING ((patient_id = ( SELECT w.patient_id
   FROM auth.acting w))) WITH CHECK (((patient_id = ( SELECT w.patient_id
   FROM auth.acting w)) AND (status <> 'cancelled'::text)));

CREATE POLICY patient_answers ON anamnesis.response FOR UPDATE TO anamnesis_api USING (((patient_id = ( SELECT w.patient_id
   FROM auth.acting w)) AND ((( SELECT w.held_patient
   FROM auth.acting w) IS NULL) OR (started_at >= ( SELECT auth.held_since() AS held_since)))));

CREATE POLICY patient_begins ON anamnesis.response FOR INSERT TO anamnesis_api WITH CHECK (((practice_id = ( SELECT w.practice_id
   FROM auth.acting w)) AND (patient_id = ( SELECT w.patient_id
   FROM auth.acting w))));

ALTER TABLE anamnesis.practice ENABLE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.questionnaire ENABLE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.questionnaire_version ENABLE ROW LEVEL SECURITY;

CREATE POLICY reads ON anamnesis.assignment FOR SELECT TO anamnesis_api USING (((ARRAY[practice_id, patient_id] @> ( SELECT w.scope
   FROM auth.acting w)) OR auth.sees(patient_id)));

CREATE POLICY reads ON anamnesis.data_key FOR SELECT TO anamnesis_api USING (((ARRAY[practice_id, patient_id] @> ( SELECT w.scope
   FROM auth.acting w)) OR auth.sees(patient_id)));

CREATE POLICY reads ON anamnesis.patient FOR SELECT TO anamnesis_api USING (((ARRAY[practice_id, id] @> ( SELECT w.scope
   FROM auth.acting w)) OR auth.sees(id)));

CREATE POLICY reads ON anamnesis.questionnaire_version FOR SELECT TO anamnesis_api USING (((practice_id = ( SELECT w.staffs
   FROM auth.acting w)) OR (EXISTS ( SELECT
   FROM anamnesis.assignment a
  WHERE ((a.practice_id = questionnaire_version.practice_id) AND (a.patient_id = ( SELECT w.patient_id
           FROM auth.acting w)) AND (a.questionnaire_id = questionnaire_version.questionnaire_id) AND ((a.version = questionnaire_version.version) OR ((questionnaire_version.on_drafts = 'migrate'::text) AND (a.version < questionnaire_version.version) AND (a.status = ANY (ARRAY['assigned'::text, 'in-progress'::text])))))))));

CREATE POLICY reads ON anamnesis.response FOR SELECT TO anamnesis_api USING (((ARRAY[practice_id, patient_id] @> ( SELECT w.answers
   FROM auth.acting w)) OR auth.sees(patient_id) OR ((patient_id = ( SELECT w.held_patient
   FROM auth.acting w)) AND (started_at >= ( SELECT auth.held_since() AS held_since)))));

CREATE POLICY reads ON anamnesis.response_migration FOR SELECT TO anamnesis_api USING (((ARRAY[practice_id, patient_id] @> ( SELECT w.answers
   FROM auth.acting w)) OR auth.sees(patient_id) OR ((patient_id = ( SELECT w.held_patient
   FROM auth.acting w)) AND (migrated_at >= ( SELECT auth.held_since() AS held_since)))));

ALTER TABLE anamnesis.response ENABLE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.response_migration ENABLE ROW LEVEL SECURITY;

ALTER TABLE anamnesis.staff ENABLE ROW LEVEL SECURITY;

CREATE POLICY staff ON anamnesis.staff FOR SELECT TO anamnesis_api USING ((practice_id = ( SELECT w.staffs
   FROM auth.acting w)));

CREATE POLICY staff_adds ON anamnesis.assignment FOR INSERT TO anamnesis_api WITH CHECK (((practice_id = ( SELECT w.writes
   FROM auth.acting w)) AND (( SELECT w.sees_all
   FROM auth.acting w) OR auth.sees(patient_id))));

CREATE POLICY staff_adds ON anamnesis.data_key FOR INSERT TO anamnesis_api WITH CHECK ((practice_id = ( SELECT w.writes
   FROM auth.acting w)));

CREATE POLICY staff_adds ON anamnesis.invitation FOR INSERT TO anamnesis_api WITH CHECK (((practice_id = ( SELECT w.writes
   FROM auth.acting w)) AND (( SELECT w.sees_all
   FROM auth.acting w) OR auth.sees(patient_id)) AND ((NOT recovers) OR (delivery = 'email'::text) OR ((( SELECT w.role
   FROM auth.acting w) = 'owner'::text) AND ( SELECT auth.is_fresh() AS is_fresh)))));

CREATE POLICY staff_adds ON anamnesis.patient FOR INSERT TO anamnesis_api WITH CHECK ((practice_id = ( SELECT w.writes
   FROM auth.acting w)));

CREATE POLICY staff_adds ON anamnesis.questionnaire FOR INSERT TO anamnesis_api WITH CHECK ((practice_id = ( SELECT w.writes
   FROM auth.acting w)));

CREATE POLICY staff_adds ON anamnesis.questionnaire_version FOR INSERT TO anamnesis_api WITH CHECK ((practice_id = ( SELECT w.writes
   FROM auth.acting w)));

CREATE POLICY staff_adds ON anamnesis.value_set FOR INSERT TO anamnesis_api WITH CHECK ((practice_id = ( SELECT w.writes
   FROM auth.acting w)));

CREATE POLICY staff_changes ON anamnesis.assignment FOR UPDATE TO anamnesis_api USING (((practice_id = ( SELECT w.writes
   FROM auth.acting w)) AND (( SELECT w.sees_all
   FROM auth.acting w) OR auth.sees(patient_id))));

CREATE POLICY staff_changes ON anamnesis.invitation FOR UPDATE TO anamnesis_api USING (((practice_id = ( SELECT w.writes
   FROM auth.acting w)) AND (( SELECT w.sees_all
   FROM auth.acting w) OR auth.sees(patient_id))));

CREATE POLICY staff_changes ON anamnesis.patient FOR UPDATE TO anamnesis_api USING (((practice_id = ( SELECT w.writes
   FROM auth.acting w)) AND (( SELECT w.sees_all
   FROM auth.acting w) OR auth.sees(id))));

CREATE POLICY staff_changes ON anamnesis.questionnaire FOR UPDATE TO anamnesis_api USING ((practice_id = ( SELECT w.writes
   FROM auth.acting w)));

CREATE POLICY staff_changes ON anamnesis.value_set FOR UPDATE TO anamnesis_api USING ((practice_id = ( SELECT w.writes
   FROM auth.acting w)));

CREATE POLICY staff_reads ON anamnesis.invitation FOR SELECT TO anamnesis_api USING (((practice_id = ( SELECT w.staffs
   FROM auth.acting w)) AND (( SELECT w.sees_all
   FROM auth.acting w) OR auth.sees(patient_id))));

CREATE POLICY staff_reads ON anamnesis.outbox FOR SELECT TO anamnesis_api USING (((practice_id = ( SELECT w.staffs
   FROM auth.acting w)) AND
CASE
    WHEN ((patient_id IS NULL) OR for_staff) THEN (( SELECT w.role
       FROM auth.acting w) = 'owner'::text)
    ELSE ((( SELECT w.writes
       FROM auth.acting w) IS NOT NULL) AND (( SELECT w.sees_all
       FROM auth.acting w) OR auth.sees(patient_id)))
END));

CREATE POLICY staff_reads ON anamnesis.questionnaire FOR SELECT TO anamnesis_api USING ((practice_id = ( SELECT w.staffs
   FROM auth.acting w)));

CREATE POLICY staff_reads ON anamnesis.value_set FOR SELECT TO anamnesis_api USING ((practice_id = ( SELECT w.staffs
   FROM auth.acting w)));

CREATE POLICY staff_removes ON anamnesis.value_set FOR DELETE TO anamnesis_api USING ((practice_id = ( SELECT w.writes
   FROM auth.acting w)));

CREATE POLICY staff_removes_drafts ON anamnesis.questionnaire FOR DELETE TO anamnesis_api USING (((practice_id = ( SELECT w.writes
   FROM auth.acting w)) AND (status = 'draft'::text) AND (version IS NULL)));

ALTER TABLE anamnesis.value_set ENABLE ROW LEVEL SECURITY;

CREATE POLICY auditor ON audit.event FOR SELECT TO anamnesis_auditor USING (true);

CREATE POLICY auditor ON audit.seal FOR SELECT TO anamnesis_auditor USING (true);

CREATE POLICY auditor ON audit.stranger FOR SELECT TO anamnesis_auditor USING (true);

ALTER TABLE audit.event ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2023_12 ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2024_02 ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2024_03 ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2026_11 ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2026_12 ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2027_01 ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit.event_2027_02 ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit.event_default ENABLE ROW LEVEL SECURITY;

CREATE POLICY owner ON audit.event TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON audit.event_2023_12 TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON audit.event_2024_02 TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON audit.event_2024_03 TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON audit.event_2026_11 TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON audit.event_2026_12 TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON audit.event_2027_01 TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON audit.event_2027_02 TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON audit.event_default TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON audit.seal TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON audit.stranger TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY reads ON audit.seal FOR SELECT TO anamnesis_jobs USING (true);

ALTER TABLE audit.seal ENABLE ROW LEVEL SECURITY;

CREATE POLICY seals ON audit.event FOR SELECT TO anamnesis_jobs USING (true);

CREATE POLICY seals ON audit.seal FOR INSERT TO anamnesis_jobs WITH CHECK (true);

ALTER TABLE audit.stranger ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.account ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.address_change ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.challenge ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.erasure ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.familiar ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.key_check ENABLE ROW LEVEL SECURITY;

CREATE POLICY owner ON auth.account TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON auth.address_change TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON auth.challenge TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON auth.erasure TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON auth.familiar TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON auth.key_check TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON auth.passkey TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON auth.passkey_challenge TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON auth.proof_key TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON auth.recovery_code TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON auth.session TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON auth.staff_invitation TO anamnesis_owner USING (true) WITH CHECK (true);

CREATE POLICY owner ON auth.throttle TO anamnesis_owner USING (true) WITH CHECK (true);

ALTER TABLE auth.passkey ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.passkey_challenge ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.proof_key ENABLE ROW LEVEL SECURITY;

CREATE POLICY reads ON auth.key_check FOR SELECT TO anamnesis_api, anamnesis_jobs USING (true);

ALTER TABLE auth.recovery_code ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.session ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.staff_invitation ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.throttle ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA anamnesis TO anamnesis_api;
GRANT USAGE ON SCHEMA anamnesis TO anamnesis_jobs;
GRANT USAGE ON SCHEMA anamnesis TO anamnesis_auditor;

GRANT USAGE ON SCHEMA audit TO anamnesis_api;
GRANT USAGE ON SCHEMA audit TO anamnesis_jobs;
GRANT USAGE ON SCHEMA audit TO anamnesis_auditor;

GRANT USAGE ON SCHEMA auth TO anamnesis_api;
GRANT USAGE ON SCHEMA auth TO anamnesis_jobs;

GRANT USAGE ON SCHEMA phi TO anamnesis_api;

REVOKE ALL ON FUNCTION anamnesis.assignment_moves() FROM PUBLIC;

REVOKE ALL ON FUNCTION anamnesis.outbox_spoken() FROM PUBLIC;

REVOKE ALL ON FUNCTION anamnesis.refuse_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION anamnesis.time_zone_known(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION anamnesis.time_zone_known(p_name text) TO anamnesis_api;

REVOKE ALL ON FUNCTION anamnesis.uuid_v7() FROM PUBLIC;
GRANT ALL ON FUNCTION anamnesis.uuid_v7() TO anamnesis_api;
GRANT ALL ON FUNCTION anamnesis.uuid_v7() TO anamnesis_jobs;

REVOKE ALL ON FUNCTION audit.about(patient uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.about(patient uuid) TO anamnesis_api;

REVOKE ALL ON FUNCTION audit.access_log(p_before_at timestamp with time zone, p_before_id bigint, p_fetch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.access_log(p_before_at timestamp with time zone, p_before_id bigint, p_fetch integer) TO anamnesis_api;

REVOKE ALL ON FUNCTION audit.add_month(p_month date) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.close(object uuid, outcome text, kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.close(object uuid, outcome text, kind text) TO anamnesis_api;

REVOKE ALL ON FUNCTION audit.drop_month(p_month date, p_years integer, p_rows bigint, p_seal bigint, p_signature bytea, p_request_id uuid, p_note text) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.epoch() FROM PUBLIC;
GRANT ALL ON FUNCTION audit.epoch() TO anamnesis_jobs;

REVOKE ALL ON FUNCTION audit.horizon() FROM PUBLIC;
GRANT ALL ON FUNCTION audit.horizon() TO anamnesis_jobs;

REVOKE ALL ON FUNCTION audit.make_ready() FROM PUBLIC;
GRANT ALL ON FUNCTION audit.make_ready() TO anamnesis_jobs;

REVOKE ALL ON FUNCTION audit.named() FROM PUBLIC;
GRANT ALL ON FUNCTION audit.named() TO anamnesis_api;

REVOKE ALL ON FUNCTION audit.next_position() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.note_stranger(p_network text) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.protect_partition(p_name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.refused(p_realm text, p_token_hash bytea, p_object uuid, p_outcome text, p_network text) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.refused(p_realm text, p_token_hash bytea, p_object uuid, p_outcome text, p_network text) TO anamnesis_api;

GRANT SELECT ON TABLE audit.event TO anamnesis_jobs;
GRANT SELECT ON TABLE audit.event TO anamnesis_auditor;

REVOKE ALL ON FUNCTION audit.search(p_actor uuid, p_patient uuid, p_operation text, p_outcome text, p_from timestamp with time zone, p_to timestamp with time zone, p_before_at timestamp with time zone, p_before_id bigint, p_fetch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.search(p_actor uuid, p_patient uuid, p_operation text, p_outcome text, p_from timestamp with time zone, p_to timestamp with time zone, p_before_at timestamp with time zone, p_before_id bigint, p_fetch integer) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.accounts_for_login(p_realm text, p_email_indexes bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.accounts_for_login(p_realm text, p_email_indexes bytea[]) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.actor() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.actor() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.address_change_of(p_realm text, p_use text, p_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.address_change_of(p_realm text, p_use text, p_hash bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.address_confirm(p_realm text, p_confirm_hash bytea, p_key bytea, p_indexes bytea[], p_again_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.address_confirm(p_realm text, p_confirm_hash bytea, p_key bytea, p_indexes bytea[], p_again_hash bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.address_kept(p_practice uuid, p_owner uuid, p_indexes bytea[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.address_object(p_realm text, p_object_hash bytea, p_key bytea, p_indexes bytea[], p_password_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.address_object(p_realm text, p_object_hash bytea, p_key bytea, p_indexes bytea[], p_password_hash text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.address_propose(p_realm text, p_account uuid, p_id uuid, p_key bytea, p_email text, p_confirm_hash bytea, p_object_hash bytea, p_expires_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.address_propose(p_realm text, p_account uuid, p_id uuid, p_key bytea, p_email text, p_confirm_hash bytea, p_object_hash bytea, p_expires_at timestamp with time zone) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.address_recent(p_account uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.address_store(p_realm text, p_account uuid, p_key bytea, p_email text, p_index bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.address_taken(p_realm text, p_practice uuid, p_owner uuid, p_indexes bytea[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.anonymous(p_operation text, p_request_id uuid, p_client_address text, p_door bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.anonymous(p_operation text, p_request_id uuid, p_client_address text, p_door bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.as_owner() FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.begun(p_account uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.care_team(p_patient uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.care_team(p_patient uuid) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.care_team_add(p_patient uuid, p_staff uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.care_team_add(p_patient uuid, p_staff uuid) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.challenge_claim(p_token_hash bytea, p_realm text, p_purpose text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.challenge_claim(p_token_hash bytea, p_realm text, p_purpose text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.challenge_create(p_token_hash bytea, p_realm text, p_account uuid, p_purpose text, p_delivery text, p_expires_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.challenge_create(p_token_hash bytea, p_realm text, p_account uuid, p_purpose text, p_delivery text, p_expires_at timestamp with time zone) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.choice_claim(p_token_hash bytea, p_realm text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.choice_claim(p_token_hash bytea, p_realm text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.choice_create(p_token_hash bytea, p_realm text, p_account uuid, p_delivery text, p_key bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.choice_create(p_token_hash bytea, p_realm text, p_account uuid, p_delivery text, p_key bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.claim_index(p_context text, p_owner uuid, p_indexes bytea[], p_practice uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.claim_index(p_context text, p_owner uuid, p_indexes bytea[], p_practice uuid) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.claimed_actor() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.claimed_actor() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.claimed_patient() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.claimed_patient() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.claimed_practice() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.claimed_practice() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.concerns(p_practice uuid, p_account uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.end_all(p_account uuid, p_spare uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.factor_is_fresh(p_account uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.glass_break(p_id uuid, p_patient uuid, p_key bytea, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.glass_break(p_id uuid, p_patient uuid, p_key bytea, p_reason text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.glass_patient(p_patient uuid, p_email_indexes bytea[], p_record_number_indexes bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.glass_patient(p_patient uuid, p_email_indexes bytea[], p_record_number_indexes bytea[]) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.has_factor(p_account uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.held_password() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.held_password() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.held_since() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.held_since() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.held_until() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.held_until() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.hold(p_account uuid, p_password_before text, p_until timestamp with time zone, p_mail boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.hold_end(p_password_before text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.hold_end(p_password_before text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.invitation_by_token(p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.invitation_by_token(p_token_hash bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.invitation_tried(p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.invitation_tried(p_token_hash bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.invited_patient(p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.invited_patient(p_token_hash bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.is_fresh() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.is_fresh() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.join_care_team() FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.key_version(value bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.keys_gone() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.keys_gone() TO anamnesis_jobs;

REVOKE ALL ON FUNCTION auth.keys_pass() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.keys_pass() TO anamnesis_jobs;

REVOKE ALL ON FUNCTION auth.keys_rewrite() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.keys_rewrite() TO anamnesis_jobs;

REVOKE ALL ON FUNCTION auth.link_owners(p_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.link_owners(p_hash bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.may_add_factor(p_account uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.may_propose(p_patient uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.needs_factor(p_account uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.open_assignments(p_questionnaire uuid, p_fetch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.open_assignments(p_questionnaire uuid, p_fetch integer) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.own_account() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.own_account() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.own_factors() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.own_factors() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.passkey_accept(p_account uuid, p_passkey uuid, p_sign_count bigint, p_backed_up boolean, p_verified boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.passkey_accept(p_account uuid, p_passkey uuid, p_sign_count bigint, p_backed_up boolean, p_verified boolean) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.passkey_add(p_account uuid, p_passkey uuid, p_indexes bytea[], p_sealed bytea, p_sign_count bigint, p_backup_eligible boolean, p_backed_up boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.passkey_add(p_account uuid, p_passkey uuid, p_indexes bytea[], p_sealed bytea, p_sign_count bigint, p_backup_eligible boolean, p_backed_up boolean) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.passkey_begin(p_realm text, p_purpose text, p_challenge_hash bytea, p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.passkey_begin(p_realm text, p_purpose text, p_challenge_hash bytea, p_token_hash bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.passkey_doubt(p_account uuid, p_passkey uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.passkey_doubt(p_account uuid, p_passkey uuid) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.passkey_find(p_realm text, p_purpose text, p_challenge_hash bytea, p_account uuid, p_indexes bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.passkey_find(p_realm text, p_purpose text, p_challenge_hash bytea, p_account uuid, p_indexes bytea[]) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.passkey_person(p_account uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.passkey_person(p_account uuid) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.passkey_remove(p_passkey uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.passkey_remove(p_passkey uuid) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.passkey_rename(p_passkey uuid, p_revision integer, p_sealed bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.passkey_rename(p_passkey uuid, p_revision integer, p_sealed bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.passkey_spend(p_realm text, p_purpose text, p_challenge_hash bytea, p_account uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.passkey_spend(p_realm text, p_purpose text, p_challenge_hash bytea, p_account uuid) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.passkeys(p_passkey uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.passkeys(p_passkey uuid) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.password_change(p_password_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.password_change(p_password_hash text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.password_renew(p_realm text, p_account uuid, p_old text, p_new text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.password_renew(p_realm text, p_account uuid, p_old text, p_new text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.patient() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.patient() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.patient_address(p_patient uuid, p_revision integer, p_key bytea, p_email text, p_indexes bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.patient_address(p_patient uuid, p_revision integer, p_key bytea, p_email text, p_indexes bytea[]) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.patient_archive(p_patient uuid, p_revision integer, p_archived boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.patient_archive(p_patient uuid, p_revision integer, p_archived boolean) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.patient_choose(p_revision integer, p_language text, p_reminders boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.patient_choose(p_revision integer, p_language text, p_reminders boolean) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.patient_claim(p_patient uuid, p_email_indexes bytea[], p_record_number_indexes bytea[], OUT shared boolean, OUT unseen boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.patient_claim(p_patient uuid, p_email_indexes bytea[], p_record_number_indexes bytea[], OUT shared boolean, OUT unseen boolean) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.patient_erase(p_patient uuid, p_revision integer) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.patient_erase(p_patient uuid, p_revision integer) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.practice() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.practice() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.practice_change(p_revision integer, p_patient_mfa text, p_staff_idle integer, p_patient_idle integer, p_hours integer, p_patient_access text, p_language text, p_time_zone text, p_email_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.practice_change(p_revision integer, p_patient_mfa text, p_staff_idle integer, p_patient_idle integer, p_hours integer, p_patient_access text, p_language text, p_time_zone text, p_email_by text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.prove(p_realm text, p_token_hash bytea, p_roles integer, p_operation text, p_request_id uuid, p_client_address text, OUT practice_id uuid, OUT actor_id uuid, OUT role text, OUT session_id uuid, OUT wrapped_key bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.prove(p_realm text, p_token_hash bytea, p_roles integer, p_operation text, p_request_id uuid, p_client_address text, OUT practice_id uuid, OUT actor_id uuid, OUT role text, OUT session_id uuid, OUT wrapped_key bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.realm() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.realm() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.recovery_answer(p_answer_hash bytea, p_answer text, p_password_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.recovery_answer(p_answer_hash bytea, p_answer text, p_password_hash text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.recovery_replace(p_realm text, p_account uuid, p_hashes bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.recovery_replace(p_realm text, p_account uuid, p_hashes bytea[]) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.recovery_use(p_realm text, p_account uuid, p_hashes bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.recovery_use(p_realm text, p_account uuid, p_hashes bytea[]) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.register(p_token_hash bytea, p_password_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.register(p_token_hash bytea, p_password_hash text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.registration_propose(p_token_hash bytea, p_id uuid, p_key bytea, p_email text, p_confirm_hash bytea, p_password_hash text, p_expires_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.registration_propose(p_token_hash bytea, p_id uuid, p_key bytea, p_email text, p_confirm_hash bytea, p_password_hash text, p_expires_at timestamp with time zone) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.reset_account(p_realm text, p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.reset_account(p_realm text, p_token_hash bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.reset_begin(p_realm text, p_email_index bytea, p_hashes bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.reset_begin(p_realm text, p_email_index bytea, p_hashes bytea[]) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.reset_finish(p_realm text, p_token_hash bytea, p_password_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.reset_finish(p_realm text, p_token_hash bytea, p_password_hash text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.role() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.role() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.sees(p_patient uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.sees(p_patient uuid) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.sees_all() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.sees_all() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.session() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.session() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.session_create(p_challenge bytea, p_realm text, p_account uuid, p_token_hash bytea, p_client_address text, p_user_agent text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.session_create(p_challenge bytea, p_realm text, p_account uuid, p_token_hash bytea, p_client_address text, p_user_agent text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.session_end() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.session_end() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.session_end_all() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.session_end_all() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.session_end_one(p_session uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.session_end_one(p_session uuid) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.session_expires_at() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.session_expires_at() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.session_step_up(p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.session_step_up(p_token_hash bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.sessions() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.sessions() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.shut(p_account uuid, p_password_hash text) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.sign_in_remember(p_device bytea, p_new_device bytea, p_place bytea, p_site bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.sign_in_remember(p_device bytea, p_new_device bytea, p_place bytea, p_site bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.signed(p_secret bytea, p_said text) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.staff_change(p_staff uuid, p_revision integer, p_role text, p_status text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.staff_change(p_staff uuid, p_revision integer, p_role text, p_status text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.staff_invite(p_staff uuid, p_role text, p_email_index bytea, p_wrapped_key bytea, p_key bytea, p_email text, p_name text, p_token_hash bytea, p_expires_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.staff_invite(p_staff uuid, p_role text, p_email_index bytea, p_wrapped_key bytea, p_key bytea, p_email text, p_name text, p_token_hash bytea, p_expires_at timestamp with time zone) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.staff_invited(p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.staff_invited(p_token_hash bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.staff_join(p_practice uuid, p_staff uuid, p_role text, p_email_index bytea, p_wrapped_key bytea, p_key bytea, p_email text, p_name text, p_token_hash bytea, p_expires_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.staff_link(p_practice uuid, p_staff uuid, p_token_hash bytea, p_expires_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.staff_readdress(p_staff uuid, p_key bytea, p_email text, p_indexes bytea[], p_token_hash bytea, p_expires_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.staff_readdress(p_staff uuid, p_key bytea, p_email text, p_indexes bytea[], p_token_hash bytea, p_expires_at timestamp with time zone) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.staff_register(p_token_hash bytea, p_password_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.staff_register(p_token_hash bytea, p_password_hash text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.staff_reinvite(p_staff uuid, p_token_hash bytea, p_expires_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.staff_reinvite(p_staff uuid, p_token_hash bytea, p_expires_at timestamp with time zone) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.staff_rename(p_revision integer, p_key bytea, p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.staff_rename(p_revision integer, p_key bytea, p_name text) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.staff_writes() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.staff_writes() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.sweep(p_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.sweep(p_most integer) TO anamnesis_jobs;

REVOKE ALL ON FUNCTION auth.throttle_check(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea, p_network bytea, p_site bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.throttle_check(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea, p_network bytea, p_site bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.throttle_clear(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.throttle_clear(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.throttle_fail(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea, p_network bytea, p_site bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.throttle_fail(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea, p_network bytea, p_site bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.throttle_keys(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea, p_device bytea, p_place bytea, p_network bytea, p_site bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.throttle_note(p_key bytea, p_free integer, p_most integer, p_forget interval, p_origin bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.through_glass(p_patients uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.totp_accept(p_realm text, p_account uuid, p_step bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.totp_accept(p_realm text, p_account uuid, p_step bigint) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.totp_begin(p_account uuid, p_sealed bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.totp_begin(p_account uuid, p_sealed bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.totp_confirm(p_account uuid, p_step bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.totp_confirm(p_account uuid, p_step bigint) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.totp_person(p_account uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.totp_person(p_account uuid) TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.totp_remove() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.totp_remove() TO anamnesis_api;

REVOKE ALL ON FUNCTION auth.unhold(p_account uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION phi.open(data_key bytea, context text, sealed bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION phi.open(data_key bytea, context text, sealed bytea) TO anamnesis_api;

REVOKE ALL ON FUNCTION phi.seal(data_key bytea, context text, value text) FROM PUBLIC;
GRANT ALL ON FUNCTION phi.seal(data_key bytea, context text, value text) TO anamnesis_api;

GRANT SELECT,INSERT ON TABLE anamnesis.assignment TO anamnesis_api;

GRANT UPDATE(version) ON TABLE anamnesis.assignment TO anamnesis_api;

GRANT UPDATE(status) ON TABLE anamnesis.assignment TO anamnesis_api;

GRANT UPDATE(due_at) ON TABLE anamnesis.assignment TO anamnesis_api;

GRANT UPDATE(revision) ON TABLE anamnesis.assignment TO anamnesis_api;

GRANT SELECT ON TABLE anamnesis.break_glass TO anamnesis_api;

GRANT SELECT,DELETE ON TABLE anamnesis.care_team TO anamnesis_api;

GRANT SELECT,INSERT ON TABLE anamnesis.data_key TO anamnesis_api;

GRANT SELECT,INSERT ON TABLE anamnesis.idempotency TO anamnesis_api;

GRANT UPDATE(operation) ON TABLE anamnesis.idempotency TO anamnesis_api;

GRANT UPDATE(body_sha256) ON TABLE anamnesis.idempotency TO anamnesis_api;

GRANT UPDATE(status) ON TABLE anamnesis.idempotency TO anamnesis_api;

GRANT UPDATE(reply_sealed) ON TABLE anamnesis.idempotency TO anamnesis_api;

GRANT UPDATE(created_at) ON TABLE anamnesis.idempotency TO anamnesis_api;

GRANT UPDATE(patient_ids) ON TABLE anamnesis.idempotency TO anamnesis_api;

GRANT UPDATE(link_hash) ON TABLE anamnesis.idempotency TO anamnesis_api;

GRANT SELECT,INSERT ON TABLE anamnesis.invitation TO anamnesis_api;

GRANT UPDATE(token_hash) ON TABLE anamnesis.invitation TO anamnesis_api;

GRANT UPDATE(status) ON TABLE anamnesis.invitation TO anamnesis_api;

GRANT UPDATE(tries) ON TABLE anamnesis.invitation TO anamnesis_api;

GRANT UPDATE(expires_at) ON TABLE anamnesis.invitation TO anamnesis_api;

GRANT SELECT ON TABLE anamnesis.migration TO anamnesis_api;
GRANT SELECT ON TABLE anamnesis.migration TO anamnesis_jobs;

GRANT SELECT,DELETE ON TABLE anamnesis.outbox TO anamnesis_jobs;

GRANT SELECT(id),INSERT(id) ON TABLE anamnesis.outbox TO anamnesis_api;

GRANT SELECT(practice_id),INSERT(practice_id) ON TABLE anamnesis.outbox TO anamnesis_api;

GRANT SELECT(kind),INSERT(kind) ON TABLE anamnesis.outbox TO anamnesis_api;

GRANT INSERT(sealed) ON TABLE anamnesis.outbox TO anamnesis_api;
GRANT UPDATE(sealed) ON TABLE anamnesis.outbox TO anamnesis_jobs;

GRANT SELECT(created_at) ON TABLE anamnesis.outbox TO anamnesis_api;

GRANT SELECT(attempts) ON TABLE anamnesis.outbox TO anamnesis_api;
GRANT UPDATE(attempts) ON TABLE anamnesis.outbox TO anamnesis_jobs;

GRANT UPDATE(next_at) ON TABLE anamnesis.outbox TO anamnesis_jobs;

GRANT UPDATE(claimed_until) ON TABLE anamnesis.outbox TO anamnesis_jobs;

GRANT UPDATE(sent_at) ON TABLE anamnesis.outbox TO anamnesis_jobs;

GRANT UPDATE(failed_at) ON TABLE anamnesis.outbox TO anamnesis_jobs;

GRANT SELECT(last_error) ON TABLE anamnesis.outbox TO anamnesis_api;
GRANT UPDATE(last_error) ON TABLE anamnesis.outbox TO anamnesis_jobs;

GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE anamnesis.outbox TO anamnesis_api;

GRANT SELECT(for_staff),INSERT(for_staff) ON TABLE anamnesis.outbox TO anamnesis_api;

GRANT SELECT(invitation_id),INSERT(invitation_id) ON TABLE anamnesis.outbox TO anamnesis_api;

GRANT SELECT(staff_id),INSERT(staff_id) ON TABLE anamnesis.outbox TO anamnesis_api;

GRANT SELECT(state) ON TABLE anamnesis.outbox TO anamnesis_api;

GRANT SELECT(state_at) ON TABLE anamnesis.outbox TO anamnesis_api;

GRANT SELECT,INSERT ON TABLE anamnesis.patient TO anamnesis_api;

GRANT UPDATE(status) ON TABLE anamnesis.patient TO anamnesis_api;

GRANT UPDATE(given_name) ON TABLE anamnesis.patient TO anamnesis_api;

GRANT UPDATE(family_name) ON TABLE anamnesis.patient TO anamnesis_api;

GRANT UPDATE(birth_date) ON TABLE anamnesis.patient TO anamnesis_api;

GRANT UPDATE(record_number) ON TABLE anamnesis.patient TO anamnesis_api;

GRANT UPDATE(record_number_index) ON TABLE anamnesis.patient TO anamnesis_api;

GRANT UPDATE(language) ON TABLE anamnesis.patient TO anamnesis_api;

GRANT UPDATE(revision) ON TABLE anamnesis.patient TO anamnesis_api;

GRANT UPDATE(updated_at) ON TABLE anamnesis.patient TO anamnesis_api;

GRANT SELECT ON TABLE anamnesis.practice TO anamnesis_api;

GRANT SELECT,INSERT,DELETE ON TABLE anamnesis.questionnaire TO anamnesis_api;

GRANT UPDATE(status) ON TABLE anamnesis.questionnaire TO anamnesis_api;

GRANT UPDATE(title) ON TABLE anamnesis.questionnaire TO anamnesis_api;

GRANT UPDATE(revision) ON TABLE anamnesis.questionnaire TO anamnesis_api;

GRANT UPDATE(draft) ON TABLE anamnesis.questionnaire TO anamnesis_api;

GRANT UPDATE(version) ON TABLE anamnesis.questionnaire TO anamnesis_api;

GRANT UPDATE(updated_at) ON TABLE anamnesis.questionnaire TO anamnesis_api;

GRANT SELECT,INSERT ON TABLE anamnesis.questionnaire_version TO anamnesis_api;

GRANT SELECT,INSERT ON TABLE anamnesis.response TO anamnesis_api;

GRANT UPDATE(status) ON TABLE anamnesis.response TO anamnesis_api;

GRANT UPDATE(revision) ON TABLE anamnesis.response TO anamnesis_api;

GRANT UPDATE(answers) ON TABLE anamnesis.response TO anamnesis_api;

GRANT UPDATE(scores) ON TABLE anamnesis.response TO anamnesis_api;

GRANT UPDATE(answered) ON TABLE anamnesis.response TO anamnesis_api;

GRANT UPDATE(total) ON TABLE anamnesis.response TO anamnesis_api;

GRANT UPDATE(required_missing) ON TABLE anamnesis.response TO anamnesis_api;

GRANT UPDATE(updated_at) ON TABLE anamnesis.response TO anamnesis_api;

GRANT UPDATE(submitted_at) ON TABLE anamnesis.response TO anamnesis_api;

GRANT UPDATE(definition_sha256) ON TABLE anamnesis.response TO anamnesis_api;

GRANT UPDATE(response_sha256) ON TABLE anamnesis.response TO anamnesis_api;

GRANT UPDATE(version_revision) ON TABLE anamnesis.response TO anamnesis_api;

GRANT SELECT,INSERT ON TABLE anamnesis.response_migration TO anamnesis_api;

GRANT SELECT ON TABLE anamnesis.sql_state TO anamnesis_api;
GRANT SELECT ON TABLE anamnesis.sql_state TO anamnesis_jobs;

GRANT SELECT ON TABLE anamnesis.staff TO anamnesis_api;

GRANT SELECT,INSERT,DELETE ON TABLE anamnesis.value_set TO anamnesis_api;

GRANT UPDATE(url) ON TABLE anamnesis.value_set TO anamnesis_api;

GRANT UPDATE(version) ON TABLE anamnesis.value_set TO anamnesis_api;

GRANT UPDATE(title) ON TABLE anamnesis.value_set TO anamnesis_api;

GRANT UPDATE(revision) ON TABLE anamnesis.value_set TO anamnesis_api;

GRANT UPDATE(resource) ON TABLE anamnesis.value_set TO anamnesis_api;

GRANT UPDATE(updated_at) ON TABLE anamnesis.value_set TO anamnesis_api;

GRANT SELECT,INSERT ON TABLE audit.seal TO anamnesis_jobs;
GRANT SELECT ON TABLE audit.seal TO anamnesis_auditor;

GRANT SELECT ON TABLE audit.stranger TO anamnesis_auditor;

GRANT SELECT ON TABLE auth.acting TO anamnesis_api;

GRANT SELECT ON TABLE auth.key_check TO anamnesis_api;
GRANT SELECT ON TABLE auth.key_check TO anamnesis_jobs;

ALTER DEFAULT PRIVILEGES FOR ROLE anamnesis_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;
