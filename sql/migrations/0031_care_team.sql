-- Which patients a member of staff sees: all of the practice, or, where the practice says so (`patient_access:
-- care-team`), physicians and assistants only those whose care team they are of. Owners set the policy and make the
-- teams, so they see all; auditors open no answers anyway. In an emergency a physician breaks the glass: one patient, one hour, for a
-- reason that the patient and the owners read.

ALTER TABLE anamnesis.practice
    ADD COLUMN patient_access text NOT NULL DEFAULT 'all' CHECK (patient_access IN ('all', 'care-team'));

CREATE TABLE anamnesis.care_team (
    practice_id uuid NOT NULL,
    staff_id    uuid NOT NULL,
    patient_id  uuid NOT NULL,
    added_by    uuid NOT NULL,
    added_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (practice_id, staff_id, patient_id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES anamnesis.staff (practice_id, id),
    FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient (practice_id, id)
);
CREATE INDEX care_team_of_patient ON anamnesis.care_team (practice_id, patient_id);

-- Kept for ever, as the audit log's rows that point here.
CREATE TABLE anamnesis.break_glass (
    id          uuid PRIMARY KEY,
    practice_id uuid NOT NULL,
    patient_id  uuid NOT NULL,
    staff_id    uuid NOT NULL,
    reason      phi.sealed NOT NULL, -- with the patient's key: it may well say what happened to them
    opened_at   timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL DEFAULT now() + interval '1 hour',
    CONSTRAINT break_glass_of_practice UNIQUE (practice_id, id), -- the list is read by it
    FOREIGN KEY (practice_id, staff_id) REFERENCES anamnesis.staff (practice_id, id),
    FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient (practice_id, id)
);
CREATE INDEX break_glass_open ON anamnesis.break_glass (practice_id, staff_id, patient_id, expires_at);
CREATE TRIGGER broken_for_ever BEFORE UPDATE OR DELETE ON anamnesis.break_glass
    FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER broken_for_ever_all BEFORE TRUNCATE ON anamnesis.break_glass
    FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE anamnesis.break_glass ENABLE ALWAYS TRIGGER broken_for_ever;
ALTER TABLE anamnesis.break_glass ENABLE ALWAYS TRIGGER broken_for_ever_all;

-- ---------------------------------------------------------------------------------------------------- who sees whom

-- As in 0020, and: whether the actor sees all patients of the practice.
CREATE OR REPLACE FUNCTION auth.prove(p_realm text, p_token_hash bytea, p_roles integer, p_operation text,
                                      p_request_id uuid, p_client_address text,
                                      OUT practice_id uuid, OUT actor_id uuid, OUT role text, OUT session_id uuid,
                                      OUT wrapped_key bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    seen timestamptz;
    fresh timestamptz;
    mask integer;
    sees text := '';
    dummy text;
BEGIN
    IF p_realm = 'staff' THEN
        SELECT s.practice_id, s.account_id, m.role, s.id, m.wrapped_key, s.last_seen_at, s.stepped_up_at,
               CASE WHEN m.role IN ('owner', 'auditor') OR c.patient_access = 'all' THEN 'all' ELSE 'care-team' END
        INTO prove.practice_id, prove.actor_id, prove.role, prove.session_id, prove.wrapped_key, seen, fresh, sees
        FROM auth.session s
        JOIN anamnesis.staff m ON m.id = s.account_id
        JOIN anamnesis.practice c ON c.id = m.practice_id
        WHERE s.token_hash = p_token_hash AND s.realm = 'staff' AND s.ended_at IS NULL AND s.expires_at > now()
          AND s.last_seen_at > now() - s.idle_seconds * interval '1 second' AND m.status = 'active';
        mask := CASE prove.role WHEN 'owner' THEN 1 WHEN 'physician' THEN 2 WHEN 'assistant' THEN 4
                                WHEN 'auditor' THEN 8 END;
    ELSE
        SELECT s.practice_id, s.account_id, 'patient', s.id, p.wrapped_key, s.last_seen_at, s.stepped_up_at
        INTO prove.practice_id, prove.actor_id, prove.role, prove.session_id, prove.wrapped_key, seen, fresh
        FROM auth.session s JOIN anamnesis.patient p ON p.id = s.account_id
        WHERE p_realm = 'patient' AND s.token_hash = p_token_hash AND s.realm = 'patient' AND s.ended_at IS NULL
          AND s.expires_at > now() AND s.last_seen_at > now() - s.idle_seconds * interval '1 second'
          AND p.status = 'active';
        mask := 16;
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
    -- One expression: plpgsql evaluates it without a query of its own for each setting.
    dummy := set_config('anamnesis.realm', p_realm, true)
          || set_config('anamnesis.practice_id', prove.practice_id::text, true)
          || set_config('anamnesis.actor_id', prove.actor_id::text, true)
          || set_config('anamnesis.patient_id', CASE mask WHEN 16 THEN prove.actor_id::text ELSE '' END, true)
          || set_config('anamnesis.role', prove.role, true)
          || set_config('anamnesis.sees', sees, true)
          || set_config('anamnesis.session_id', prove.session_id::text, true)
          || set_config('anamnesis.operation', p_operation, true)
          || set_config('anamnesis.request_id', p_request_id::text, true)
          || set_config('anamnesis.client_address', left(p_client_address, 64), true);
END
$$;

-- True for staff to whom no care team is asked for. Said by auth.prove() alone: what was never said is false.
CREATE FUNCTION auth.sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('anamnesis.sees', true) = 'all', false);
GRANT EXECUTE ON FUNCTION auth.sees_all() TO anamnesis_api;

-- The same question for one patient. A function of its own, not a part of each policy: its subqueries would be planned and
-- set up for everybody, and most are staff who see all, or the patient.
CREATE FUNCTION auth.sees(p_patient uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN auth.sees_all() OR (auth.realm() = 'staff' AND (
        EXISTS (SELECT FROM anamnesis.care_team c
                WHERE c.practice_id = auth.practice() AND c.staff_id = auth.actor() AND c.patient_id = p_patient)
        OR EXISTS (SELECT FROM anamnesis.break_glass g
                   WHERE g.practice_id = auth.practice() AND g.staff_id = auth.actor() AND g.patient_id = p_patient
                     AND g.expires_at > now())));
END
$$;
GRANT EXECUTE ON FUNCTION auth.sees(uuid) TO anamnesis_api;

-- Whether the actor sees one of these patients by having broken the glass, and not otherwise.
CREATE FUNCTION auth.through_glass(p_patients uuid[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM anamnesis.break_glass g
        WHERE g.practice_id = auth.practice() AND g.staff_id = auth.actor() AND g.patient_id = ANY (p_patients)
          AND g.expires_at > now()
          AND NOT EXISTS (SELECT FROM anamnesis.care_team c
                          WHERE c.practice_id = g.practice_id AND c.staff_id = g.staff_id AND c.patient_id = g.patient_id))
$$;

DO $$
DECLARE
    name regclass;
BEGIN
    FOREACH name IN ARRAY ARRAY['anamnesis.care_team', 'anamnesis.break_glass']::regclass[] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %s TO anamnesis_owner USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY own ON %s FOR SELECT TO anamnesis_api USING (practice_id = auth.practice() '
                       'AND (auth.sees_all() OR (auth.realm() = ''staff'' AND staff_id = auth.actor())))', name);
    END LOOP;
END
$$;
GRANT SELECT, DELETE ON anamnesis.care_team TO anamnesis_api;
CREATE POLICY owner_removes ON anamnesis.care_team FOR DELETE TO anamnesis_api
    USING (practice_id = auth.practice() AND auth.realm() = 'staff' AND auth.role() = 'owner');
GRANT SELECT ON anamnesis.break_glass TO anamnesis_api;

-- What staff reaches of patients: of those whom they see.
DO $$
DECLARE
    it record;
BEGIN
    FOR it IN
        SELECT * FROM (VALUES
            ('patient', 'reads', 'USING', 'id'), ('patient', 'staff_changes', 'USING', 'id'),
            ('assignment', 'reads', 'USING', 'patient_id'), ('assignment', 'staff_adds', 'WITH CHECK', 'patient_id'),
            ('assignment', 'staff_changes', 'USING', 'patient_id'), ('invitation', 'staff_reads', 'USING', 'patient_id'),
            ('invitation', 'staff_adds', 'WITH CHECK', 'patient_id'), ('invitation', 'staff_changes', 'USING', 'patient_id'),
            ('response', 'reads', 'USING', 'patient_id'), ('response_migration', 'reads', 'USING', 'patient_id'))
            AS policies (relation, policy, clause, whose)
    LOOP
        EXECUTE format('ALTER POLICY %I ON anamnesis.%I %s (practice_id = auth.practice() AND %s (%sauth.sees_all() '
                       'OR auth.sees(%I)))', it.policy, it.relation, it.clause,
            CASE WHEN it.policy IN ('reads', 'staff_reads') THEN '' ELSE 'auth.staff_writes() AND' END,
            CASE it.policy WHEN 'reads' THEN format('%I = auth.patient() OR ', it.whose) ELSE '' END, it.whose);
    END LOOP;
END
$$;

-- Whoever records a patient is of the care team: they would not see what they wrote otherwise. So are those who have
-- recorded, invited or asked patients so far.
CREATE FUNCTION auth.join_care_team() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by)
    SELECT s.practice_id, s.id, NEW.id, s.id FROM anamnesis.staff s
    WHERE s.practice_id = NEW.practice_id AND s.id = NEW.created_by AND s.role IN ('physician', 'assistant');
    RETURN NULL;
END
$$;
CREATE TRIGGER joins_care_team AFTER INSERT ON anamnesis.patient
    FOR EACH ROW EXECUTE FUNCTION auth.join_care_team();
INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by)
SELECT DISTINCT s.practice_id, s.id, worked.patient_id, s.id
FROM (SELECT p.practice_id, p.id AS patient_id, p.created_by FROM anamnesis.patient p
      UNION SELECT a.practice_id, a.patient_id, a.created_by FROM anamnesis.assignment a
      UNION SELECT i.practice_id, i.patient_id, i.created_by FROM anamnesis.invitation i) AS worked
JOIN anamnesis.staff s ON s.practice_id = worked.practice_id AND s.id = worked.created_by
WHERE s.role IN ('physician', 'assistant');

-- A patient's care team; nobody where the actor does not see the patient.
CREATE FUNCTION auth.care_team(p_patient uuid)
RETURNS TABLE (staff_id uuid, role text, status text, wrapped_key bytea, name bytea, added_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.id, s.role, s.status, s.wrapped_key, s.name::bytea, c.added_at
    FROM anamnesis.care_team c JOIN anamnesis.staff s ON s.id = c.staff_id
    WHERE c.practice_id = auth.practice() AND c.patient_id = p_patient AND auth.sees(p_patient)
    ORDER BY c.added_at DESC, s.id DESC
$$;

-- An owner takes somebody into a patient's care team, of fifty at most: 'added', 'there' (already), 'full', or 'nobody' when
-- they are no owner, physician or assistant of the practice, or are disabled.
CREATE FUNCTION auth.care_team_add(p_patient uuid, p_staff uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
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

-- How many have not completed which version of a questionnaire: of all patients, whoever asks. Counts only.
CREATE FUNCTION auth.open_assignments(p_questionnaire uuid, p_fetch integer)
RETURNS TABLE (version integer, assigned bigint, in_progress bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.version, count(*) FILTER (WHERE a.status = 'assigned'), count(*) FILTER (WHERE a.status = 'in-progress')
    FROM anamnesis.assignment a
    WHERE a.practice_id = auth.practice() AND auth.realm() = 'staff' AND a.questionnaire_id = p_questionnaire
      AND a.status IN ('assigned', 'in-progress')
    GROUP BY a.version
    ORDER BY a.version DESC
    LIMIT p_fetch
$$;

-- As in 0021, and: only those who see the patient.
CREATE OR REPLACE FUNCTION auth.patient_archive(p_patient uuid, p_revision integer, p_archived boolean) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
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

-- As in 0022, and: which patients staff sees. It counts with the next request.
DROP FUNCTION auth.practice_change(integer, text, integer, integer, integer);
CREATE FUNCTION auth.practice_change(p_revision integer, p_patient_mfa text, p_staff_idle integer, p_patient_idle integer,
                                     p_hours integer, p_patient_access text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
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
        patient_access = coalesce(p_patient_access, c.patient_access), revision = c.revision + 1
    WHERE c.id = auth.practice() AND c.revision = p_revision
    RETURNING c.revision INTO made;
    RETURN made;
END
$$;

-- ---------------------------------------------------------------------------------------------------- breaking the glass

-- The patient whom a physician with fresh proof asks for, by identifier, e-mail address or record number; `seen`: they need
-- not. No row when there is none. The physician's row is locked: of two tries at once the second sees what the first did.
CREATE FUNCTION auth.glass_patient(p_patient uuid, p_email_indexes bytea[], p_record_number_indexes bytea[])
RETURNS TABLE (patient_id uuid, wrapped_key bytea, seen boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM anamnesis.staff s WHERE s.id = auth.actor() FOR NO KEY UPDATE;
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() IS DISTINCT FROM 'physician' OR NOT auth.is_fresh() THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'breaking the glass needs a physician with fresh proof';
    END IF;
    RETURN QUERY
    SELECT audit.about(p.id), p.wrapped_key, auth.sees(p.id)
    FROM anamnesis.patient p
    WHERE p.practice_id = auth.practice() AND p.status <> 'erased'
      AND (p.id = p_patient OR p.email_index = ANY (p_email_indexes)
           OR p.record_number_index = ANY (p_record_number_indexes))
    LIMIT 1;
END
$$;

-- Breaks it, for an hour; gives when that ends.
CREATE FUNCTION auth.glass_break(p_id uuid, p_patient uuid, p_key bytea, p_reason text) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
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

-- As in 0004, and: an access that only a broken glass allowed says so.
CREATE OR REPLACE FUNCTION audit.close(object uuid, outcome text, kind text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    named text := coalesce(current_setting('anamnesis.patients', true), '');
    operation text := current_setting('anamnesis.operation', true);
BEGIN
    IF kind = 'none' THEN
        RETURN;
    ELSIF kind = 'patient' AND named = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'AN404', MESSAGE = 'no patient was found';
    ELSIF kind IS NULL OR kind NOT IN ('event', 'patient', 'patients') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'there is no such kind of audit row';
    ELSIF operation IS NULL OR operation = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'nobody has said who acts: auth.prove() comes first';
    END IF;
    INSERT INTO audit.event (practice_id, realm, actor_id, role, session_id, client_address, request_id, operation,
                             object_id, patient_ids, outcome, detail)
    VALUES (auth.practice(), coalesce(auth.realm(), 'none'), auth.actor(), auth.role(), auth.session(),
            current_setting('anamnesis.client_address'), current_setting('anamnesis.request_id')::uuid, operation,
            close.object, string_to_array(named, ',')::uuid[], close.outcome,
            CASE WHEN named <> '' AND NOT auth.sees_all()
                      AND auth.through_glass(string_to_array(named, ',')::uuid[]) THEN 'break-glass' END);
END
$$;

-- As in 0011, and: the reason that was given when the glass was broken, still sealed, with the patient's key.
DROP FUNCTION audit.access_log(timestamptz, bigint, integer);
CREATE FUNCTION audit.access_log(p_before_at timestamptz, p_before_id bigint, p_fetch integer)
RETURNS TABLE (id bigint, at timestamptz, realm text, actor_id uuid, role text, operation text, detail text,
               wrapped_key bytea, name bytea, glass_id uuid, reason bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
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

GRANT EXECUTE ON FUNCTION
    auth.care_team(uuid), auth.care_team_add(uuid, uuid), auth.open_assignments(uuid, integer),
    auth.practice_change(integer, text, integer, integer, integer, text),
    auth.glass_patient(uuid, bytea[], bytea[]), auth.glass_break(uuid, uuid, bytea, text),
    audit.access_log(timestamptz, bigint, integer)
TO anamnesis_api;
