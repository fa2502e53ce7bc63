-- Several patients of one practice may have one e-mail address (families), and whether a record number is taken is told only
-- to staff who may see whose it is: neither is a constraint any more. auth.patient_claim decides.
ALTER TABLE anamnesis.patient
    DROP CONSTRAINT patient_email_key,
    DROP CONSTRAINT patient_record_number_key;
CREATE INDEX patient_by_email ON anamnesis.patient (email_index, practice_id);
CREATE INDEX patient_by_record_number ON anamnesis.patient (practice_id, record_number_index);
