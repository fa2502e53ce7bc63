ALTER TABLE anamnesis.assignment ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.assignment FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.assignment TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON anamnesis.assignment FOR SELECT TO anamnesis_api
    USING (ARRAY[practice_id, patient_id] @> (SELECT auth.scope()) OR auth.sees(patient_id));
CREATE POLICY staff_adds ON anamnesis.assignment FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT auth.writes())
                AND ((SELECT auth.sees_all()) OR auth.sees(patient_id)));
CREATE POLICY staff_changes ON anamnesis.assignment FOR UPDATE TO anamnesis_api
    USING (practice_id = (SELECT auth.writes())
                AND ((SELECT auth.sees_all()) OR auth.sees(patient_id)));
CREATE POLICY patient_answers ON anamnesis.assignment FOR UPDATE TO anamnesis_api
    USING (patient_id = (SELECT auth.patient()))
    WITH CHECK (patient_id = (SELECT auth.patient()) AND status <> 'cancelled');
GRANT SELECT, INSERT, UPDATE (version, status, due_at, revision) ON anamnesis.assignment TO anamnesis_api;
