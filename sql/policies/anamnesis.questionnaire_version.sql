-- A patient reads the versions that were assigned, and the one that an assignment is about to move to.
ALTER TABLE anamnesis.questionnaire_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.questionnaire_version FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.questionnaire_version TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY staff_adds ON anamnesis.questionnaire_version FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT auth.writes()));
CREATE POLICY reads ON anamnesis.questionnaire_version FOR SELECT TO anamnesis_api
    USING (practice_id = (SELECT auth.staffs())
           OR auth.assigned_version(questionnaire_id, version, on_drafts = 'migrate'));
GRANT SELECT, INSERT ON anamnesis.questionnaire_version TO anamnesis_api;
