-- audit_rows_late :one () -> (answer text?)
SELECT count(*)::text AS answer
FROM audit.event e
WHERE e.at < now() - interval '10 minutes' AND e.position >= coalesce((SELECT max(s.horizon) FROM audit.seal s), 0);
