-- response_read :one! (id uuid, key bytea) -> (id uuid, patient_id uuid, assignment_id uuid, questionnaire_id uuid, version int, title text, status text, amends uuid?, revision int, started_at timestamptz, updated_at timestamptz, submitted_at timestamptz?, answered int?, total int?, required_missing int?, definition_sha256 bytea?, response_sha256 bytea?, answers text, scores text?, uploads text, moves_to_version int?, from_version int?, to_version int?, migrated_at timestamptz?, dropped text?)
-- One response with its answers opened; row-level security shows patients only their own. moves_to_version: the newer
-- version to which it is carried over when its patient opens it next.
SELECT r.id, audit.about(r.patient_id), r.assignment_id, r.questionnaire_id, r.version,
       m.title, r.status, r.amends, r.revision,
       r.started_at, r.updated_at, r.submitted_at, r.answered, r.total, r.required_missing, r.definition_sha256,
       decode(left(m.proof, 64), 'hex'),
       phi.open($2, 'response.answers:' || r.id::text, r.answers),
       CASE WHEN r.scores IS NULL THEN nullif(substr(m.proof, 65), '')
            ELSE phi.open($2, 'response.scores:' || r.id::text, r.scores) END,
       coalesce(anamnesis.response_uploads(r.id, r.assignment_id, r.status = 'in-progress'), '[]'),
       CASE WHEN r.status = 'in-progress' THEN (anamnesis.assignment_now(r.assignment_id)).moves_to END,
       (m.last).from_version, (m.last).to_version, (m.last).migrated_at,
       CASE WHEN (m.last).dropped IS NOT NULL
           THEN phi.open($2, 'response_migration.dropped:' || (m.last).id::text, (m.last).dropped) END
FROM anamnesis.response r
CROSS JOIN LATERAL (SELECT anamnesis.version_title(r.patient_id, r.questionnaire_id, r.version) AS title,
                           CASE WHEN r.version_revision > 1 THEN anamnesis.last_migration(r.id) END AS last,
                           CASE WHEN r.response_sha256 IS NOT NULL
                               THEN phi.open($2, 'response.response_sha256:' || r.id::text, r.response_sha256) END AS proof
                    OFFSET 0) m
WHERE r.id = $1 AND m.title IS NOT NULL
