-- invited_patient :one (token_hash bytea, key bytea) -> (patient_id uuid, email text?, birth_date text)
-- What the practice has of the invited patient, opened with the patient's key.
SELECT audit.about(patient_id), phi.open($2, 'patient.email:' || patient_id::text, email),
       phi.open($2, 'patient.birth_date:' || patient_id::text, birth_date)
FROM auth.invited_patient($1)
