ALTER TABLE anamnesis.staff ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.staff FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.staff TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY staff ON anamnesis.staff FOR SELECT TO anamnesis_api
    USING (practice_id = (SELECT auth.staffs()));
GRANT SELECT ON anamnesis.staff TO anamnesis_api;
