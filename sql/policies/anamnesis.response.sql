-- Answers: staff reads, only the patient writes. What a patient began before their account was recovered may be held.
ALTER TABLE anamnesis.response ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.response FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.response TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON anamnesis.response FOR SELECT TO anamnesis_api
    USING (ARRAY[practice_id, patient_id] @> (SELECT w.answers FROM auth.acting w) OR auth.sees(patient_id)
           OR (patient_id = (SELECT w.held_patient FROM auth.acting w) AND started_at >= (SELECT auth.held_since())));
CREATE POLICY patient_begins ON anamnesis.response FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT w.practice_id FROM auth.acting w)
                AND patient_id = (SELECT w.patient_id FROM auth.acting w));
CREATE POLICY patient_answers ON anamnesis.response FOR UPDATE TO anamnesis_api
    USING (patient_id = (SELECT w.patient_id FROM auth.acting w)
           AND ((SELECT w.held_patient FROM auth.acting w) IS NULL OR started_at >= (SELECT auth.held_since())));
GRANT SELECT, INSERT, UPDATE (status, revision, answers, scores, answered, total, required_missing, updated_at,
    submitted_at, definition_sha256, response_sha256, version_revision) ON anamnesis.response TO anamnesis_api;
