ALTER TABLE auth.address_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.address_change FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.address_change TO anamnesis_owner USING (true) WITH CHECK (true);
