-- practice_change :one (revision int, patient_mfa text?, staff_idle_minutes int, patient_idle_minutes int, session_hours int, patient_access text?, language text?, time_zone text?, patient_email_by text?, upload_bytes_patient bigint, upload_bytes_practice bigint, upload_days_signatures int) -> (revision int?)
-- The practice's policies; 0 leaves a limit as it is. NULL when the revision is stale.
SELECT auth.practice_change($1, $2, nullif($3, 0), nullif($4, 0), nullif($5, 0), $6, $7, $8, $9, nullif($10, 0), nullif($11, 0),
                            nullif($12, 0))
