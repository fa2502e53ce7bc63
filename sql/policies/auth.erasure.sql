ALTER TABLE auth.erasure ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.erasure FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.erasure TO anamnesis_owner USING (true) WITH CHECK (true);
