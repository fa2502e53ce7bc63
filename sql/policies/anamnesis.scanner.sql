-- What the scanning program last said of itself: it does so by a function.
ALTER TABLE anamnesis.scanner ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.scanner FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.scanner TO anamnesis_owner USING (true) WITH CHECK (true);
