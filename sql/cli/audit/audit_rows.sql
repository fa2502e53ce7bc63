-- audit_rows :cursor (from timestamptz?, to timestamptz?, practice_id uuid?)
SELECT e.position, e.id, e.at, e.practice_id, e.realm::text, e.actor_id, e.role, e.session_id, e.client_address, e.request_id,
       e.operation, e.object_id,
       CASE WHEN e.patient_id IS NULL THEN coalesce(e.patient_ids, '{}') ELSE e.patient_id || e.patient_ids END,
       e.outcome, e.detail
FROM audit.event e
WHERE e.at >= coalesce($1, '-infinity') AND e.at < coalesce($2, 'infinity') AND ($3 IS NULL OR e.practice_id = $3)
ORDER BY e.position, e.id;
