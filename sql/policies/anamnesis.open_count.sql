-- Nobody's but the owner's: functions write and read it.
ALTER TABLE anamnesis.open_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.open_count FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.open_count TO anamnesis_owner USING (true) WITH CHECK (true);
