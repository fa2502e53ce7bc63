ALTER TABLE auth.throttle ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.throttle FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.throttle TO anamnesis_owner USING (true) WITH CHECK (true);
