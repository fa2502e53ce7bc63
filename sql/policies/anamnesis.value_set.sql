ALTER TABLE anamnesis.value_set ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.value_set FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.value_set TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY staff_reads ON anamnesis.value_set FOR SELECT TO anamnesis_api
    USING (practice_id = (SELECT auth.staffs()));
CREATE POLICY staff_adds ON anamnesis.value_set FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT auth.writes()));
CREATE POLICY staff_changes ON anamnesis.value_set FOR UPDATE TO anamnesis_api
    USING (practice_id = (SELECT auth.writes()));
CREATE POLICY staff_removes ON anamnesis.value_set FOR DELETE TO anamnesis_api
    USING (practice_id = (SELECT auth.writes()));
GRANT SELECT, INSERT, UPDATE (url, version, title, revision, resource, updated_at), DELETE ON anamnesis.value_set TO
    anamnesis_api;
