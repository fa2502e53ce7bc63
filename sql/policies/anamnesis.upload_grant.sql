-- Downloads that were allowed: for functions alone.
ALTER TABLE anamnesis.upload_grant ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.upload_grant FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.upload_grant TO anamnesis_owner USING (true) WITH CHECK (true);
