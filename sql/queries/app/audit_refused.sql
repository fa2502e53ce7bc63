-- audit_refused :one (realm text, token_hash bytea?, object uuid?, outcome text, network text) -> (closed bool)
-- The audit row of a refused access, in a transaction of its own; behind session_none.
SELECT audit.refused($1, $2, $3, $4, $5) IS NULL AS closed
