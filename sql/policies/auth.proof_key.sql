-- Nobody but the owner's functions and views.
ALTER TABLE auth.proof_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.proof_key FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.proof_key TO anamnesis_owner USING (true) WITH CHECK (true);
