ALTER TABLE auth.passkey_challenge ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.passkey_challenge FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.passkey_challenge TO anamnesis_owner USING (true) WITH CHECK (true);
