ALTER TABLE anamnesis.break_glass ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.break_glass FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.break_glass TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY own ON anamnesis.break_glass FOR SELECT TO anamnesis_api
    USING (practice_id = (SELECT auth.staffs())
           AND ((SELECT auth.sees_all()) OR staff_id = (SELECT auth.actor())));
GRANT SELECT ON anamnesis.break_glass TO anamnesis_api;
