-- What was done, by whom, to whose data: one row an access, allowed or refused, in the transaction of the access. Nobody
-- changes or removes a row; the api role cannot even read them.

CREATE TABLE audit.event (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    practice_id    uuid,
    realm          text NOT NULL,
    actor_id       uuid,
    role           text,
    session_id     uuid,
    client_address text NOT NULL,
    request_id     uuid NOT NULL,
    operation      text NOT NULL,
    object_id      uuid,
    patient_ids    uuid[] NOT NULL DEFAULT '{}',
    outcome        text NOT NULL
);
CREATE INDEX event_of_practice ON audit.event (practice_id, id);

CREATE TRIGGER kept_for_ever BEFORE UPDATE OR DELETE ON audit.event
    FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER kept_for_ever_all BEFORE TRUNCATE ON audit.event
    FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE audit.event ENABLE ALWAYS TRIGGER kept_for_ever;
ALTER TABLE audit.event ENABLE ALWAYS TRIGGER kept_for_ever_all;

-- Names a patient whose data this transaction touches, for its audit row; each is named once.
CREATE FUNCTION audit.about(patient uuid) RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    named text := coalesce(current_setting('anamnesis.patients', true), '');
BEGIN
    IF patient IS NOT NULL AND strpos(named, patient::text) = 0 THEN
        PERFORM set_config('anamnesis.patients',
                           CASE named WHEN '' THEN patient::text ELSE named || ',' || patient::text END, true);
    END IF;
    RETURN patient;
END
$$;

-- The one audit row of this transaction. `kind` is the contract's x-audit: with 'patient', a transaction that named no
-- patient has found nothing that the actor may see: it is refused, so that nothing is served without its row.
CREATE FUNCTION audit.close(object uuid, outcome text, kind text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    named text := coalesce(current_setting('anamnesis.patients', true), '');
BEGIN
    IF kind = 'patient' AND named = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'AN404', MESSAGE = 'nothing was found';
    END IF;
    INSERT INTO audit.event (practice_id, realm, actor_id, role, session_id, client_address, request_id, operation,
                             object_id, patient_ids, outcome)
    VALUES (nullif(current_setting('anamnesis.practice_id', true), '')::uuid,
            current_setting('anamnesis.realm'),
            nullif(current_setting('anamnesis.actor_id', true), '')::uuid,
            nullif(current_setting('anamnesis.role', true), ''),
            nullif(current_setting('anamnesis.session_id', true), '')::uuid,
            current_setting('anamnesis.client_address'),
            current_setting('anamnesis.request_id')::uuid,
            current_setting('anamnesis.operation'),
            object,
            CASE named WHEN '' THEN '{}'::uuid[] ELSE ('{' || named || '}')::uuid[] END,
            outcome);
END
$$;
