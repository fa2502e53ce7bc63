ALTER TABLE audit.seal ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.seal FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON audit.seal TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON audit.seal FOR SELECT TO anamnesis_jobs
    USING (true);
CREATE POLICY auditor ON audit.seal FOR SELECT TO anamnesis_auditor
    USING (true);
GRANT SELECT ON audit.seal TO anamnesis_jobs; -- and audit.seal_add
GRANT SELECT ON audit.seal TO anamnesis_auditor;
