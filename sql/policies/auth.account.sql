ALTER TABLE auth.account ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.account FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.account TO anamnesis_owner USING (true) WITH CHECK (true);
