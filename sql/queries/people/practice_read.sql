-- practice_read :one!not-signed-in () -> (id uuid, revision int, name text, patient_mfa text, staff_idle_minutes int, patient_idle_minutes int, session_hours int, patient_access text, patient_email_by text, language text, time_zone text, upload_bytes_patient bigint, upload_bytes_practice bigint, upload_bytes_used bigint, upload_days_signatures int)
SELECT c.id, c.revision, c.name, c.patient_mfa, c.staff_idle_minutes, c.patient_idle_minutes, c.session_hours,
       c.patient_access, c.patient_email_by, c.language, c.time_zone, c.upload_bytes_patient, c.upload_bytes_practice,
       anamnesis.upload_used() AS upload_bytes_used, c.upload_days_signatures
FROM anamnesis.practice c WHERE c.id = (SELECT auth.practice())
