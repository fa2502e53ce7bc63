-- audit_drops :many () -> (detail text)
SELECT e.detail FROM audit.event e WHERE e.operation = 'audit_drop' AND e.realm = 'system' ORDER BY e.position, e.id;
