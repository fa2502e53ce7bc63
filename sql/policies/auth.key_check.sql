ALTER TABLE auth.key_check ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.key_check FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.key_check TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON auth.key_check FOR SELECT TO anamnesis_api, anamnesis_jobs
    USING (true);
GRANT SELECT ON auth.key_check TO anamnesis_api;
GRANT SELECT ON auth.key_check TO anamnesis_jobs;
