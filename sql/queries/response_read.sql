-- response_read :one (id uuid, key bytea) -> (patient_id uuid, assignment_id uuid, questionnaire_id uuid, version int, title text, status text, amends uuid?, revision int, started_at timestamptz, updated_at timestamptz, submitted_at timestamptz?, answered int?, total int?, required_missing int?, definition_sha256 bytea?, response_sha256 bytea?, answers text, scores text?)
-- One response with its answers opened; row-level security shows patients only their own.
SELECT audit.about(r.patient_id), r.assignment_id, r.questionnaire_id, r.version, v.title, r.status, r.amends, r.revision,
       r.started_at, r.updated_at, r.submitted_at, r.answered, r.total, r.required_missing, r.definition_sha256,
       r.response_sha256, phi.open($2, 'response.answers:' || r.id::text, r.answers),
       phi.open($2, 'response.scores:' || r.id::text, r.scores)
FROM anamnesis.response r
JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = r.questionnaire_id AND v.version = r.version
WHERE r.practice_id = auth.practice() AND r.id = $1
