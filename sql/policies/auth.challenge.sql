ALTER TABLE auth.challenge ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.challenge FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.challenge TO anamnesis_owner USING (true) WITH CHECK (true);
