-- A link that lets a registered patient begin anew is shown to nobody but an owner with fresh proof.
ALTER TABLE anamnesis.invitation ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.invitation FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.invitation TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY staff_reads ON anamnesis.invitation FOR SELECT TO anamnesis_api
    USING (practice_id = (SELECT auth.staffs()) AND ((SELECT auth.sees_all()) OR auth.sees(patient_id)));
CREATE POLICY staff_adds ON anamnesis.invitation FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT auth.writes())
                AND ((SELECT auth.sees_all()) OR auth.sees(patient_id))
                AND (NOT recovers OR delivery = 'email'
                     OR ((SELECT auth.role()) = 'owner' AND (SELECT auth.is_fresh()))));
CREATE POLICY staff_changes ON anamnesis.invitation FOR UPDATE TO anamnesis_api
    USING (practice_id = (SELECT auth.writes())
                AND ((SELECT auth.sees_all()) OR auth.sees(patient_id)));
GRANT SELECT, INSERT, UPDATE (token_hash, status, tries, expires_at) ON anamnesis.invitation TO anamnesis_api;
