-- practice_insert :exec (id uuid, name text, patient_mfa text, language text, time_zone text)
INSERT INTO anamnesis.practice (id, name, patient_mfa, language, time_zone)
VALUES ($1, $2, $3, $4, $5);
