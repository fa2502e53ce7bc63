-- Patients' data keys, wrapped: for whoever sees the patient. Deleted by auth.patient_erase alone. The scanner's copy of the files key is
-- written by anamnesis.upload_create.
ALTER TABLE anamnesis.data_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.data_key FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.data_key TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON anamnesis.data_key FOR SELECT TO anamnesis_api
    USING (ARRAY[practice_id, patient_id] @> (SELECT auth.scope()) OR auth.sees(patient_id));
CREATE POLICY staff_adds ON anamnesis.data_key FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT auth.writes()));
GRANT SELECT, INSERT (patient_id, practice_id, wrapped_key, sealed_format) ON anamnesis.data_key TO anamnesis_api;
