ALTER TABLE anamnesis.response_migration ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.response_migration FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.response_migration TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON anamnesis.response_migration FOR SELECT TO anamnesis_api
    USING (ARRAY[practice_id, patient_id] @> (SELECT w.answers FROM auth.acting w) OR auth.sees(patient_id)
           OR (patient_id = (SELECT w.held_patient FROM auth.acting w) AND migrated_at >= (SELECT auth.held_since())));
CREATE POLICY patient_adds ON anamnesis.response_migration FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT w.practice_id FROM auth.acting w)
                AND patient_id = (SELECT w.patient_id FROM auth.acting w));
GRANT SELECT, INSERT ON anamnesis.response_migration TO anamnesis_api;
