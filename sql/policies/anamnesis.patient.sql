-- Patients: staff sees those of the practice, a patient sees one row. An address is a credential, so no column that the api
-- role changes: auth.patient_address, auth.address_confirm and auth.address_object do.
ALTER TABLE anamnesis.patient ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.patient FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.patient TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON anamnesis.patient FOR SELECT TO anamnesis_api
    USING (ARRAY[practice_id, id] @> (SELECT auth.scope()) OR auth.sees(id));
CREATE POLICY staff_adds ON anamnesis.patient FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT auth.writes()));
CREATE POLICY staff_changes ON anamnesis.patient FOR UPDATE TO anamnesis_api
    USING (practice_id = (SELECT auth.writes())
                AND ((SELECT auth.sees_all()) OR auth.sees(id)));
GRANT SELECT, INSERT, UPDATE (status, given_name, family_name, birth_date, record_number,
    record_number_index, language, revision, updated_at) ON anamnesis.patient TO anamnesis_api;
