-- Who is acting, and the record of what was done.
--
-- The actor of a transaction is in settings that end with it (set_config(..., true)): auth.prove() and its kin
-- write them, row-level security and the audit row read them. They keep a handler that forgets a condition from
-- another practice's rows. They are no wall against SQL of an attacker's own under the api role, which could set
-- them: that SQL is only ever sent by name (sql/queries/) is what keeps it out.
--
-- Each function is one expression in the standard's form, so it is inlined, and a comparison with it is an index
-- condition. A setting that was never made is NULL, one that ended with its transaction is ''.

CREATE FUNCTION auth.realm() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.realm', true), '');
CREATE FUNCTION auth.practice() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.practice_id', true), '')::uuid;
-- The member of staff or the patient who is acting.
CREATE FUNCTION auth.actor() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.actor_id', true), '')::uuid;
-- The patient who is signed in; NULL for everybody else.
CREATE FUNCTION auth.patient() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.patient_id', true), '')::uuid;
CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.role', true), '');
CREATE FUNCTION auth.session() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.session_id', true), '')::uuid;
GRANT EXECUTE ON FUNCTION auth.realm(), auth.practice(), auth.actor(), auth.patient(), auth.role(), auth.session()
    TO anamnesis_api;

-- One row for each access, allowed or refused. In the same transaction as what it records. No foreign keys: a row
-- must be writable about what is not there, and outlive what was there.
CREATE TABLE audit.event (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
    detail         text
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.event
    FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.event
    FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE audit.event ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE audit.event ENABLE ALWAYS TRIGGER append_only_all;

-- Names a patient for this transaction's audit row, once; returns its argument, so that a query can say
-- `SELECT audit.about(patient_id), ...`. VOLATILE: the planner must neither drop nor repeat it at will.
CREATE FUNCTION audit.about(patient uuid) RETURNS uuid
LANGUAGE plpgsql VOLATILE
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

-- Writes the audit row of this transaction: actor and request as auth.prove() or auth.anonymous() set them,
-- patients as audit.about() named them. Kind 'patient' demands that one was named (AN404: nothing that the actor
-- may see was found), so that no patient's data are served without saying whose.
CREATE FUNCTION audit.close(object uuid, outcome text, kind text) RETURNS void
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
                             object_id, patient_ids, outcome)
    VALUES (auth.practice(), coalesce(auth.realm(), 'none'), auth.actor(), auth.role(), auth.session(),
            current_setting('anamnesis.client_address'), current_setting('anamnesis.request_id')::uuid, operation,
            close.object, string_to_array(named, ',')::uuid[], close.outcome);
END
$$;

GRANT EXECUTE ON FUNCTION audit.about(uuid), audit.close(uuid, text, text) TO anamnesis_api;
