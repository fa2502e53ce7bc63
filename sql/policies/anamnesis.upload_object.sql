-- What lies in the store. The workers see the name of an object of a clean file, and of no other: without it nothing is served.
ALTER TABLE anamnesis.upload_object ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.upload_object FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.upload_object TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON anamnesis.upload_object FOR SELECT TO anamnesis_api
    USING (anamnesis.upload_is_clean(upload_id, kind));
GRANT SELECT ON anamnesis.upload_object TO anamnesis_api;
