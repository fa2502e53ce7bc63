-- glass_patient :many (patient_id uuid?, email_indexes bytea[], record_number_indexes bytea[], most int) -> (patient_id uuid, wrapped_key bytea, seen bool)
-- Whom a physician asks for without seeing them; `seen`: they do see them. Several rows: several patients.
SELECT patient_id, wrapped_key, seen FROM auth.glass_patient($1, $2, $3, $4)
