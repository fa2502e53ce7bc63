-- What counts against the limits: for functions alone.
ALTER TABLE anamnesis.upload_quota ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.upload_quota FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.upload_quota TO anamnesis_owner USING (true) WITH CHECK (true);
