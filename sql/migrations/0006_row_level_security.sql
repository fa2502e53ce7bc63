-- Practices, and patients, apart, even when a statement forgets to say so. A transaction in which nobody was proven sees
-- nothing. The owner, as whom the functions of auth and audit run, sees all: said by a policy, because the tables force
-- row-level security on their owner too.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['anamnesis.practice', 'anamnesis.staff', 'anamnesis.patient', 'anamnesis.questionnaire',
        'anamnesis.questionnaire_version', 'anamnesis.assignment', 'anamnesis.invitation', 'anamnesis.response',
        'anamnesis.outbox', 'anamnesis.idempotency', 'auth.account', 'auth.recovery_code', 'auth.session',
        'auth.challenge', 'auth.throttle', 'audit.event'] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %s TO anamnesis_owner USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;

CREATE FUNCTION auth.is_staff() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN current_setting('anamnesis.realm', true) = 'staff';

CREATE POLICY own ON anamnesis.practice TO anamnesis_api USING (id = auth.practice());
CREATE POLICY own ON anamnesis.staff TO anamnesis_api USING (practice_id = auth.practice() AND auth.is_staff());
CREATE POLICY staff ON anamnesis.patient TO anamnesis_api
    USING (practice_id = auth.practice() AND (auth.is_staff() OR id = auth.patient()));
CREATE POLICY staff ON anamnesis.questionnaire TO anamnesis_api USING (practice_id = auth.practice() AND auth.is_staff());
CREATE POLICY staff ON anamnesis.questionnaire_version TO anamnesis_api
    USING (practice_id = auth.practice() AND (auth.is_staff() OR EXISTS (
        SELECT FROM anamnesis.assignment a
        WHERE a.practice_id = auth.practice() AND a.patient_id = auth.patient()
          AND a.questionnaire_id = questionnaire_version.questionnaire_id
          AND a.version = questionnaire_version.version)));
CREATE POLICY staff ON anamnesis.assignment TO anamnesis_api
    USING (practice_id = auth.practice() AND (auth.is_staff() OR patient_id = auth.patient()));
CREATE POLICY staff ON anamnesis.invitation TO anamnesis_api USING (practice_id = auth.practice() AND auth.is_staff());
CREATE POLICY staff ON anamnesis.response FOR SELECT TO anamnesis_api
    USING (practice_id = auth.practice() AND (auth.is_staff() OR patient_id = auth.patient()));
CREATE POLICY patient_begins ON anamnesis.response FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = auth.practice() AND patient_id = auth.patient());
CREATE POLICY patient_answers ON anamnesis.response FOR UPDATE TO anamnesis_api
    USING (practice_id = auth.practice() AND patient_id = auth.patient());
CREATE POLICY written ON anamnesis.outbox FOR INSERT TO anamnesis_api WITH CHECK (practice_id = auth.practice());
CREATE POLICY own ON anamnesis.idempotency TO anamnesis_api
    USING (practice_id = auth.practice() AND actor_id = auth.actor());

-- The background program sends messages and cleans up; it sees nothing of patients.
CREATE POLICY jobs ON anamnesis.outbox TO anamnesis_jobs USING (true) WITH CHECK (true);
CREATE POLICY auditor ON audit.event FOR SELECT TO anamnesis_auditor USING (true);

-- What each role may do at all. The api role deletes nothing.
GRANT SELECT ON anamnesis.practice, anamnesis.staff, anamnesis.migration TO anamnesis_api;
GRANT SELECT, INSERT, UPDATE ON anamnesis.patient, anamnesis.questionnaire, anamnesis.assignment, anamnesis.invitation,
    anamnesis.response, anamnesis.idempotency TO anamnesis_api;
GRANT SELECT, INSERT ON anamnesis.questionnaire_version TO anamnesis_api;
GRANT INSERT ON anamnesis.outbox TO anamnesis_api;
GRANT SELECT, UPDATE (sealed, attempts, next_at, claimed_until, sent_at, failed_at, last_error)
    ON anamnesis.outbox TO anamnesis_jobs;
GRANT EXECUTE ON FUNCTION auth.sweep TO anamnesis_jobs;
GRANT SELECT ON audit.event TO anamnesis_auditor;

GRANT EXECUTE ON FUNCTION auth.practice(), auth.actor(), auth.patient(), auth.is_staff() TO anamnesis_api;
GRANT EXECUTE ON FUNCTION auth.anonymous, auth.prove, auth.session_expires_at, auth.session_end, auth.accounts_for_login,
    auth.challenge_create, auth.challenge_claim, auth.totp_accept, auth.recovery_use, auth.recovery_replace,
    auth.session_create, auth.throttle_check, auth.throttle_fail, auth.throttle_clear, auth.invitation_by_token,
    auth.invited_patient, auth.invitation_tried, auth.register, auth.totp_state, auth.totp_begin, auth.totp_confirm,
    audit.about, audit.close, audit.refused TO anamnesis_api;
