ALTER TABLE audit.seal ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.seal FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON audit.seal TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON audit.seal FOR SELECT TO anamnesis_jobs
    USING (true);
CREATE POLICY seals ON audit.seal FOR INSERT TO anamnesis_jobs
    WITH CHECK (true);
CREATE POLICY auditor ON audit.seal FOR SELECT TO anamnesis_auditor
    USING (true);
GRANT SELECT, INSERT ON audit.seal TO anamnesis_jobs;
GRANT SELECT ON audit.seal TO anamnesis_auditor;
