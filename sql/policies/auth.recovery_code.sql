ALTER TABLE auth.recovery_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.recovery_code FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.recovery_code TO anamnesis_owner USING (true) WITH CHECK (true);
