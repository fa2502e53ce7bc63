ALTER TABLE auth.passkey ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.passkey FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.passkey TO anamnesis_owner USING (true) WITH CHECK (true);
