-- Messages: the api leaves them, jobs takes them. Staff sees what became of those to patients whom they see, owners of
-- those to staff too; never to whom it went or what is in it, which is sealed for jobs.
ALTER TABLE anamnesis.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.outbox TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY leaves ON anamnesis.outbox FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT auth.practice()));
CREATE POLICY staff_reads ON anamnesis.outbox FOR SELECT TO anamnesis_api
    USING (practice_id = (SELECT auth.staffs())
           AND CASE WHEN patient_id IS NULL OR for_staff THEN (SELECT auth.role()) = 'owner'
                    ELSE (SELECT auth.writes()) IS NOT NULL
                         AND ((SELECT auth.sees_all()) OR auth.sees(patient_id)) END);
CREATE POLICY delivers ON anamnesis.outbox TO anamnesis_jobs
    USING (true);
GRANT INSERT (id, practice_id, kind, sealed, patient_id, for_staff, invitation_id, staff_id),
    SELECT (id, practice_id, kind, patient_id, for_staff, invitation_id, staff_id, created_at, attempts, state, state_at,
    last_error) ON anamnesis.outbox TO anamnesis_api;
GRANT SELECT, UPDATE (sealed, attempts, next_at, claimed_until, sent_at, failed_at, last_error), DELETE ON
    anamnesis.outbox TO anamnesis_jobs;
