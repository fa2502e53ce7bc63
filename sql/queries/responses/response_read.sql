-- response_read :one! (id uuid, key bytea) -> (patient_id uuid, assignment_id uuid, questionnaire_id uuid, version int, title text, status text, amends uuid?, revision int, started_at timestamptz, updated_at timestamptz, submitted_at timestamptz?, answered int?, total int?, required_missing int?, definition_sha256 bytea?, response_sha256 bytea?, answers text, scores text?, moves_to int?, migrated_from int?, migrated_to int?, migrated_at timestamptz?, dropped text?)
-- One response with its answers opened; row-level security shows patients only their own. moves_to: the newer version
-- to which it is carried over when its patient opens it next.
SELECT audit.about(r.patient_id), r.assignment_id, r.questionnaire_id, r.version, v.title, r.status, r.amends, r.revision,
       r.started_at, r.updated_at, r.submitted_at, r.answered, r.total, r.required_missing, r.definition_sha256,
       decode(phi.open($2, 'response.response_sha256:' || r.id::text, r.response_sha256), 'hex'), phi.open($2, 'response.answers:' || r.id::text, r.answers),
       phi.open($2, 'response.scores:' || r.id::text, r.scores),
       (SELECT max(n.version) FROM anamnesis.questionnaire_version n
        WHERE n.questionnaire_id = a.questionnaire_id AND n.version > a.version AND n.on_drafts = 'migrate'
          AND a.status IN ('assigned', 'in-progress')),
       m.from_version, m.to_version, m.migrated_at, phi.open($2, 'response_migration.dropped:' || m.id::text, m.dropped)
FROM anamnesis.response r
JOIN anamnesis.patient p ON p.id = r.patient_id AND p.status <> 'erased' -- a worker may still have the key
JOIN anamnesis.assignment a ON a.id = r.assignment_id
JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = r.questionnaire_id AND v.version = r.version
LEFT JOIN LATERAL (
    SELECT n.*
    FROM anamnesis.response_migration n
    WHERE n.response_id = r.id
    ORDER BY n.id DESC
    LIMIT 1) m ON true
WHERE r.practice_id = (SELECT auth.practice()) AND r.id = $1
