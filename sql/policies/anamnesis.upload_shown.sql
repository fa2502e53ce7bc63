-- Which files completed responses show: for whoever sees the file.
ALTER TABLE anamnesis.upload_shown ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.upload_shown FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.upload_shown TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON anamnesis.upload_shown FOR SELECT TO anamnesis_api
    USING (EXISTS (SELECT FROM anamnesis.upload u WHERE u.id = upload_id));
GRANT SELECT ON anamnesis.upload_shown TO anamnesis_api;
