ALTER TABLE anamnesis.care_team ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.care_team FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.care_team TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY own ON anamnesis.care_team FOR SELECT TO anamnesis_api
    USING (practice_id = (SELECT w.staffs FROM auth.acting w)
           AND ((SELECT w.sees_all FROM auth.acting w) OR staff_id = (SELECT w.actor_id FROM auth.acting w)));
CREATE POLICY owner_removes ON anamnesis.care_team FOR DELETE TO anamnesis_api
    USING (practice_id = (SELECT w.staffs FROM auth.acting w) AND (SELECT w.role FROM auth.acting w) = 'owner');
GRANT SELECT, DELETE ON anamnesis.care_team TO anamnesis_api;
