ALTER TABLE auth.session ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.session FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.session TO anamnesis_owner USING (true) WITH CHECK (true);
