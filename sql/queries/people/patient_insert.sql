-- patient_insert :exec (id uuid, wrapped_key bytea, key bytea, given_name text?, family_name text?, birth_date text, email text?, email_index bytea?, record_number text?, record_number_index bytea?, language text?)
-- A new patient, sealed with the patient's own new data key. Nothing is returned: until this is done, whoever records it
-- may not see it (see auth.join_care_team).
WITH key AS (
    INSERT INTO anamnesis.data_key (patient_id, practice_id, wrapped_key) VALUES ($1, (SELECT auth.practice()), $2)
)
INSERT INTO anamnesis.patient
    (id, practice_id, given_name, family_name, birth_date, email, email_index, record_number, record_number_index, language,
     created_by)
VALUES (audit.about($1), (SELECT auth.practice()),
        phi.seal($3, 'patient.given_name:' || $1::text, $4), phi.seal($3, 'patient.family_name:' || $1::text, $5),
        phi.seal($3, 'patient.birth_date:' || $1::text, $6), phi.seal($3, 'patient.email:' || $1::text, $7), $8,
        phi.seal($3, 'patient.record_number:' || $1::text, $9), $10, $11, (SELECT auth.actor()))
