-- response_migrations :many (id uuid, key bytea) -> (response_id uuid, from_version int, to_version int, revision int, migrated_at timestamptz, dropped text)
-- When the response was carried over to a newer version, and what did not fit there.
SELECT m.response_id, m.from_version, m.to_version, m.revision, m.migrated_at,
       phi.open($2, 'response_migration.dropped:' || m.id::text, m.dropped)
FROM anamnesis.response asked
JOIN anamnesis.response r ON r.assignment_id = asked.assignment_id
JOIN anamnesis.patient p ON p.id = r.patient_id AND p.status <> 'erased'
JOIN anamnesis.response_migration m ON m.response_id = r.id
WHERE asked.practice_id = (SELECT auth.practice()) AND asked.id = $1
ORDER BY m.id
