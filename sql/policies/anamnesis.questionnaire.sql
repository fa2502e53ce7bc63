ALTER TABLE anamnesis.questionnaire ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.questionnaire FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.questionnaire TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY staff_reads ON anamnesis.questionnaire FOR SELECT TO anamnesis_api
    USING (practice_id = (SELECT auth.staffs()));
CREATE POLICY staff_adds ON anamnesis.questionnaire FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT auth.writes()));
CREATE POLICY staff_changes ON anamnesis.questionnaire FOR UPDATE TO anamnesis_api
    USING (practice_id = (SELECT auth.writes()));
-- Only a questionnaire that was never published can go.
CREATE POLICY staff_removes_drafts ON anamnesis.questionnaire FOR DELETE TO anamnesis_api
    USING (practice_id = (SELECT auth.writes()) AND status = 'draft' AND version IS NULL);
GRANT SELECT, INSERT, UPDATE (status, title, revision, draft, version, updated_at), DELETE ON anamnesis.questionnaire
    TO anamnesis_api;
