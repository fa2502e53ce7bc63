-- audit_close :one (object uuid?, outcome text, kind text) -> (closed bool)
-- The audit row of this transaction.
SELECT audit.close($1, $2, $3) IS NULL AS closed
