ALTER TABLE auth.familiar ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.familiar FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.familiar TO anamnesis_owner USING (true) WITH CHECK (true);
