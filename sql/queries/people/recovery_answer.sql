-- recovery_answer :one (answer_hash bytea, answer text, password_hash text) -> (patient_id uuid, practice_name text)
-- What the stored address says of a recovery; see auth.recovery_answer.
SELECT patient_id, practice_name FROM auth.recovery_answer($1, $2, $3)
