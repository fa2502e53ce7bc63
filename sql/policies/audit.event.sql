ALTER TABLE audit.event ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.event FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON audit.event TO anamnesis_owner USING (true) WITH CHECK (true);
-- The auditor reads the log of all practices, and nothing else.
CREATE POLICY auditor ON audit.event FOR SELECT TO anamnesis_auditor
    USING (true);
CREATE POLICY seals ON audit.event FOR SELECT TO anamnesis_jobs
    USING (true);
GRANT SELECT ON audit.event TO anamnesis_jobs;
GRANT SELECT ON audit.event TO anamnesis_auditor;
