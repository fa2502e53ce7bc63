ALTER TABLE auth.staff_invitation ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.staff_invitation FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.staff_invitation TO anamnesis_owner USING (true) WITH CHECK (true);
