-- The practice's name and settings: for everybody who acts in it, and who is about to register or sign in.
ALTER TABLE anamnesis.practice ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.practice FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.practice TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY own ON anamnesis.practice FOR SELECT TO anamnesis_api
    USING (id = (SELECT auth.practice()));
GRANT SELECT ON anamnesis.practice TO anamnesis_api;
