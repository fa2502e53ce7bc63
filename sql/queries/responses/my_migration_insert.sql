-- my_migration_insert :exec (id uuid, response_id uuid, to_version int, key bytea, dropped text)
-- Keeps the answers as they were, and what did not fit. Before the response is changed.
INSERT INTO anamnesis.response_migration
    (id, practice_id, patient_id, response_id, from_version, to_version, revision, answers, dropped)
SELECT $1, r.practice_id, r.patient_id, r.id, r.version, $3, r.revision,
       phi.seal($4, 'response_migration.answers:' || $1::text, phi.open($4, 'response.answers:' || r.id::text, r.answers)),
       phi.seal($4, 'response_migration.dropped:' || $1::text, $5)
FROM anamnesis.response r
WHERE r.patient_id = (SELECT auth.patient()) AND r.id = $2
