-- Where each response's review stands: for staff who see the patient, no more.
ALTER TABLE anamnesis.review_now ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.review_now FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.review_now TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY reads ON anamnesis.review_now FOR SELECT TO anamnesis_api
    USING (practice_id = (SELECT CASE WHEN auth.sees_all() THEN auth.staffs() END) OR auth.sees(patient_id));
GRANT SELECT ON anamnesis.review_now TO anamnesis_api;
