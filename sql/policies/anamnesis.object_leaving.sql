-- What is to be removed from the store: jobs does it. Names say nothing of whose an object was.
ALTER TABLE anamnesis.object_leaving ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.object_leaving FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.object_leaving TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY removes ON anamnesis.object_leaving TO anamnesis_jobs
    USING (true);
GRANT SELECT, UPDATE (next_at, attempts), DELETE ON anamnesis.object_leaving TO anamnesis_jobs;
