-- audit_refused :one (operation text, request_id uuid, client_address text, realm text, token_hash bytea?, object uuid?, outcome text) -> (closed bool)
-- The audit row of a refused access, in a transaction of its own.
SELECT audit.refused($1, $2, $3, $4, $5, $6, $7) IS NULL AS closed
