-- staff_of_address :many (practice_id uuid, indexes text) -> (id uuid, status text)
SELECT id, status FROM anamnesis.staff WHERE practice_id = $1 AND email_index = ANY ($2::bytea[]);
