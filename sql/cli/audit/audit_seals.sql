-- audit_seals :cursor ()
SELECT s.number, s.horizon, s.rows, s.total, s.sealed_at, s.key_version, s.root, s.previous, s.signature, s.leaves
FROM audit.seal s
ORDER BY s.number;
