ALTER TABLE anamnesis.care_team ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.care_team FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.care_team TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY own ON anamnesis.care_team FOR SELECT TO anamnesis_api
    USING (practice_id = (SELECT auth.staffs())
           AND ((SELECT auth.sees_all()) OR staff_id = (SELECT auth.actor())));
CREATE POLICY owner_removes ON anamnesis.care_team FOR DELETE TO anamnesis_api
    USING (practice_id = (SELECT auth.staffs()) AND (SELECT auth.role()) = 'owner');
GRANT SELECT, DELETE ON anamnesis.care_team TO anamnesis_api;
