-- Files: for whoever sees the answers that they belong to. Functions of the owner's change them (sql/functions/anamnesis/upload_create.sql
-- and its kin).
ALTER TABLE anamnesis.upload ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.upload FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.upload TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON anamnesis.upload FOR SELECT TO anamnesis_api
    USING (ARRAY[practice_id, patient_id] @> (SELECT auth.answers())
           OR auth.sees_answer(patient_id, created_at));
GRANT SELECT ON anamnesis.upload TO anamnesis_api;
