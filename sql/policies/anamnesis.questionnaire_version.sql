-- A patient reads the versions that were assigned, and the one that an assignment is about to move to.
ALTER TABLE anamnesis.questionnaire_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.questionnaire_version FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.questionnaire_version TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY staff_adds ON anamnesis.questionnaire_version FOR INSERT TO anamnesis_api
    WITH CHECK (practice_id = (SELECT w.writes FROM auth.acting w));
CREATE POLICY reads ON anamnesis.questionnaire_version FOR SELECT TO anamnesis_api
    USING (practice_id = (SELECT w.staffs FROM auth.acting w) OR EXISTS (
        SELECT FROM anamnesis.assignment a
        WHERE a.practice_id = questionnaire_version.practice_id AND a.patient_id = (SELECT w.patient_id FROM auth.acting w)
          AND a.questionnaire_id = questionnaire_version.questionnaire_id
          AND (a.version = questionnaire_version.version
               OR (questionnaire_version.on_drafts = 'migrate' AND a.version < questionnaire_version.version
                   AND a.status IN ('assigned', 'in-progress')))));
GRANT SELECT, INSERT ON anamnesis.questionnaire_version TO anamnesis_api;
