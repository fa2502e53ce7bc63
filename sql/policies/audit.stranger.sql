ALTER TABLE audit.stranger ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.stranger FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON audit.stranger TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY auditor ON audit.stranger FOR SELECT TO anamnesis_auditor
    USING (true);
GRANT SELECT ON audit.stranger TO anamnesis_auditor;
