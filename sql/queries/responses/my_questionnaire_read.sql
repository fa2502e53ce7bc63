-- my_questionnaire_read :one! (assignment_id uuid, key bytea) -> (assignment_id uuid, patient_id uuid, questionnaire_id uuid, version int, title text, status text, due_at timestamptz?, moves_to int?, definition text, value_sets text, response_id uuid?, response_status text?, revision int?, updated_at timestamptz?, submitted_at timestamptz?, answered int?, total int?, required_missing int?, answers text?, from_version int?, to_version int?, migrated_at timestamptz?, dropped text?)
-- One questionnaire as it was assigned, and the answers so far: those of the newest response that was not given up.
-- moves_to: the newer version to which it is to be carried over first.
SELECT a.id, audit.about(a.patient_id), a.questionnaire_id, a.version, v.title, a.status, a.due_at,
       (anamnesis.assignment_now(a.id)).moves_to,
       v.definition, v.value_sets, r.id, r.status, r.revision, r.updated_at, r.submitted_at, r.answered, r.total,
       r.required_missing, phi.open($2, 'response.answers:' || r.id::text, r.answers), m.from_version, m.to_version,
       m.migrated_at, phi.open($2, 'response_migration.dropped:' || m.id::text, m.dropped)
FROM anamnesis.assignment a
JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = a.questionnaire_id AND v.version = a.version
LEFT JOIN LATERAL (
    SELECT n.*
    FROM anamnesis.response n
    WHERE n.assignment_id = a.id AND n.status <> 'stopped'
    ORDER BY n.amendment DESC
    LIMIT 1) r ON true
LEFT JOIN LATERAL (
    SELECT n.*
    FROM anamnesis.response_migration n
    WHERE n.response_id = r.id
    ORDER BY n.id DESC
    LIMIT 1) m ON true
WHERE a.patient_id = (SELECT auth.patient()) AND a.id = $1 AND a.status <> 'cancelled'
