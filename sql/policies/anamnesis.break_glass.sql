ALTER TABLE anamnesis.break_glass ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.break_glass FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.break_glass TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY own ON anamnesis.break_glass FOR SELECT TO anamnesis_api
    USING (practice_id = (SELECT w.staffs FROM auth.acting w)
           AND ((SELECT w.sees_all FROM auth.acting w) OR staff_id = (SELECT w.actor_id FROM auth.acting w)));
GRANT SELECT ON anamnesis.break_glass TO anamnesis_api;
