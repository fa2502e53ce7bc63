-- leave_message :exec (id uuid, practice_id uuid, kind text, sealed bytea, staff_id uuid)
INSERT INTO anamnesis.outbox (id, practice_id, kind, sealed, for_staff, staff_id)
VALUES ($1, $2, $3, $4, true, $5);
