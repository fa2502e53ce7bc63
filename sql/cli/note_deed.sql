-- note_deed :exec (practice_id uuid?, request_id uuid, operation text, object_id uuid?, detail text?)
-- The row of the log of what the operator does.
INSERT INTO audit.event (practice_id, realm, client_address, request_id, operation, object_id, outcome, detail)
VALUES ($1, 'system', 'local', $2, $3, $4, 'ok', $5);
