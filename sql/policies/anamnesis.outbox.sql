-- Messages: the api leaves them, jobs takes them.
ALTER TABLE anamnesis.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.outbox TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY leaves ON anamnesis.outbox FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT w.practice_id FROM auth.acting w));
CREATE POLICY delivers ON anamnesis.outbox TO anamnesis_jobs
    USING (true);
GRANT INSERT (id, practice_id, kind, sealed, patient_id, for_staff) ON anamnesis.outbox TO anamnesis_api;
GRANT SELECT, UPDATE (sealed, attempts, next_at, claimed_until, sent_at, failed_at, last_error), DELETE ON
    anamnesis.outbox TO anamnesis_jobs;
