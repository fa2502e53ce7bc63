ALTER TABLE anamnesis.response_migration ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.response_migration FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.response_migration TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON anamnesis.response_migration FOR SELECT TO anamnesis_api
    USING (ARRAY[practice_id, patient_id] @> (SELECT auth.answers())
           OR auth.sees_answer(patient_id, migrated_at));
CREATE POLICY patient_adds ON anamnesis.response_migration FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT auth.practice())
                AND patient_id = (SELECT auth.patient()));
GRANT SELECT, INSERT ON anamnesis.response_migration TO anamnesis_api;
