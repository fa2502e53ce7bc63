-- glass_named :many (patient_ids uuid[], keys bytea[], given_name text) -> (patient_id uuid)
-- Which of them have the given name.
SELECT patient_id FROM auth.glass_named($1, $2, $3)
