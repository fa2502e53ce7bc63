-- Answers: staff reads, only the patient writes. What a patient began before their account was recovered may be held.
ALTER TABLE anamnesis.response ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.response FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.response TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON anamnesis.response FOR SELECT TO anamnesis_api
    USING (ARRAY[practice_id, patient_id] @> (SELECT auth.answers())
           OR auth.sees_answer(patient_id, started_at));
CREATE POLICY patient_begins ON anamnesis.response FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT auth.practice())
                AND patient_id = (SELECT auth.patient()));
CREATE POLICY patient_answers ON anamnesis.response FOR UPDATE TO anamnesis_api
    USING (patient_id = (SELECT auth.answering()) OR auth.held_answer(patient_id, started_at));
GRANT SELECT, INSERT, UPDATE (status, revision, answers, answered, total, required_missing, updated_at,
    submitted_at, definition_sha256, response_sha256, version_revision) ON anamnesis.response TO anamnesis_api;
