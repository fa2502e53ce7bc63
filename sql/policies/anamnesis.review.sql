-- Steps of reviews: who may read answers reads them; anamnesis.review_add writes them. They are the practice's notes, no part of what patients see.
ALTER TABLE anamnesis.review ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.review FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.review TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON anamnesis.review FOR SELECT TO anamnesis_api
    USING (auth.role() IN ('owner', 'physician') AND auth.sees(patient_id));
GRANT SELECT ON anamnesis.review TO anamnesis_api;
