-- Who sees and changes what. Row-level security is enabled and forced on every table, so a table without a policy
-- for a role shows it nothing. The owner's policies are for what the definer functions and `anamnesis` do.
--
-- Grants name columns where a role has no business with the others: what says whose a row is, is never updated.

DO $$
DECLARE
    name regclass;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'anamnesis.practice', 'anamnesis.staff', 'anamnesis.patient', 'anamnesis.questionnaire',
        'anamnesis.questionnaire_version', 'anamnesis.assignment', 'anamnesis.invitation', 'anamnesis.response',
        'anamnesis.outbox', 'anamnesis.idempotency', 'auth.account', 'auth.recovery_code', 'auth.session',
        'auth.challenge', 'auth.throttle', 'audit.event']::regclass[]
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %s TO anamnesis_owner USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;

-- Staff whose role is not only to look on.
CREATE FUNCTION auth.staff_writes() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN auth.realm() = 'staff' AND auth.role() IN ('owner', 'physician', 'assistant');
GRANT EXECUTE ON FUNCTION auth.staff_writes() TO anamnesis_api;

-- The practice's name and settings: for everybody who acts in it, and who is about to register or sign in.
GRANT SELECT ON anamnesis.practice TO anamnesis_api;
CREATE POLICY own ON anamnesis.practice FOR SELECT TO anamnesis_api USING (id = auth.practice());

GRANT SELECT ON anamnesis.staff TO anamnesis_api;
CREATE POLICY staff ON anamnesis.staff FOR SELECT TO anamnesis_api
    USING (practice_id = auth.practice() AND auth.realm() = 'staff');

-- Patients: staff sees those of the practice, a patient sees one row.
GRANT SELECT, INSERT ON anamnesis.patient TO anamnesis_api;
GRANT UPDATE (status, given_name, family_name, birth_date, email, record_number, email_index, record_number_index,
              language, revision, updated_at) ON anamnesis.patient TO anamnesis_api;
CREATE POLICY reads ON anamnesis.patient FOR SELECT TO anamnesis_api
    USING (practice_id = auth.practice() AND (auth.realm() = 'staff' OR id = auth.patient()));
CREATE POLICY staff_adds ON anamnesis.patient FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = auth.practice() AND auth.staff_writes());
CREATE POLICY staff_changes ON anamnesis.patient FOR UPDATE TO anamnesis_api
    USING (practice_id = auth.practice() AND auth.staff_writes());

GRANT SELECT, INSERT ON anamnesis.questionnaire TO anamnesis_api;
GRANT UPDATE (status, title, revision, draft, version, updated_at) ON anamnesis.questionnaire TO anamnesis_api;
CREATE POLICY staff_reads ON anamnesis.questionnaire FOR SELECT TO anamnesis_api
    USING (practice_id = auth.practice() AND auth.realm() = 'staff');
CREATE POLICY staff_adds ON anamnesis.questionnaire FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = auth.practice() AND auth.staff_writes());
CREATE POLICY staff_changes ON anamnesis.questionnaire FOR UPDATE TO anamnesis_api
    USING (practice_id = auth.practice() AND auth.staff_writes());

-- A patient reads the versions that were assigned, and no others.
GRANT SELECT, INSERT ON anamnesis.questionnaire_version TO anamnesis_api;
CREATE POLICY reads ON anamnesis.questionnaire_version FOR SELECT TO anamnesis_api
    USING (practice_id = auth.practice() AND (auth.realm() = 'staff' OR EXISTS (
        SELECT FROM anamnesis.assignment a
        WHERE a.practice_id = auth.practice() AND a.patient_id = auth.patient()
          AND a.questionnaire_id = questionnaire_version.questionnaire_id
          AND a.version = questionnaire_version.version)));
CREATE POLICY staff_adds ON anamnesis.questionnaire_version FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = auth.practice() AND auth.staff_writes());

GRANT SELECT, INSERT ON anamnesis.assignment TO anamnesis_api;
GRANT UPDATE (status, due_at, revision) ON anamnesis.assignment TO anamnesis_api;
CREATE POLICY reads ON anamnesis.assignment FOR SELECT TO anamnesis_api
    USING (practice_id = auth.practice() AND (auth.realm() = 'staff' OR patient_id = auth.patient()));
CREATE POLICY staff_adds ON anamnesis.assignment FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = auth.practice() AND auth.staff_writes());
CREATE POLICY staff_changes ON anamnesis.assignment FOR UPDATE TO anamnesis_api
    USING (practice_id = auth.practice() AND auth.staff_writes());
CREATE POLICY patient_answers ON anamnesis.assignment FOR UPDATE TO anamnesis_api
    USING (practice_id = auth.practice() AND patient_id = auth.patient())
    WITH CHECK (practice_id = auth.practice() AND patient_id = auth.patient() AND status <> 'cancelled');

GRANT SELECT, INSERT ON anamnesis.invitation TO anamnesis_api;
GRANT UPDATE (token_hash, status, tries, expires_at) ON anamnesis.invitation TO anamnesis_api;
CREATE POLICY staff_reads ON anamnesis.invitation FOR SELECT TO anamnesis_api
    USING (practice_id = auth.practice() AND auth.realm() = 'staff');
CREATE POLICY staff_adds ON anamnesis.invitation FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = auth.practice() AND auth.staff_writes());
CREATE POLICY staff_changes ON anamnesis.invitation FOR UPDATE TO anamnesis_api
    USING (practice_id = auth.practice() AND auth.staff_writes());

-- Answers: staff reads, only the patient writes.
GRANT SELECT, INSERT ON anamnesis.response TO anamnesis_api;
GRANT UPDATE (status, revision, answers, scores, answered, total, required_missing, updated_at, submitted_at,
              definition_sha256, response_sha256) ON anamnesis.response TO anamnesis_api;
CREATE POLICY reads ON anamnesis.response FOR SELECT TO anamnesis_api
    USING (practice_id = auth.practice() AND (auth.realm() = 'staff' OR patient_id = auth.patient()));
CREATE POLICY patient_begins ON anamnesis.response FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = auth.practice() AND patient_id = auth.patient());
CREATE POLICY patient_answers ON anamnesis.response FOR UPDATE TO anamnesis_api
    USING (practice_id = auth.practice() AND patient_id = auth.patient());

-- Messages: the api leaves them, jobs takes them.
GRANT INSERT (id, practice_id, kind, sealed) ON anamnesis.outbox TO anamnesis_api;
CREATE POLICY leaves ON anamnesis.outbox FOR INSERT TO anamnesis_api WITH CHECK (practice_id = auth.practice());
GRANT SELECT, DELETE ON anamnesis.outbox TO anamnesis_jobs;
GRANT UPDATE (sealed, attempts, next_at, claimed_until, sent_at, failed_at, last_error) ON anamnesis.outbox TO anamnesis_jobs;
CREATE POLICY delivers ON anamnesis.outbox TO anamnesis_jobs USING (true);

GRANT SELECT, INSERT ON anamnesis.idempotency TO anamnesis_api;
GRANT UPDATE (operation, body_sha256, status, reply_sealed, created_at) ON anamnesis.idempotency TO anamnesis_api;
CREATE POLICY own ON anamnesis.idempotency TO anamnesis_api
    USING (practice_id = auth.practice() AND actor_id = auth.actor() AND auth.realm() IN ('staff', 'patient'));

-- The auditor reads the log of all practices, and nothing else.
GRANT SELECT ON audit.event TO anamnesis_auditor;
CREATE POLICY auditor ON audit.event FOR SELECT TO anamnesis_auditor USING (true);

-- /readyz compares the newest migration with the one it was built for.
GRANT SELECT ON anamnesis.migration TO anamnesis_api, anamnesis_jobs;
