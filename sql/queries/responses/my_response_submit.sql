-- my_response_submit :one!internal (id uuid, key bytea, answers text, scores text, submitted_at timestamptz, response_sha256 bytea, answered int, total int) -> (revision int, definition_sha256 bytea)
-- Completed, or amended, with the hashes of what was asked and what was answered; from now on nobody can change it. The scores are
-- sealed behind the hash (sql/schema/0132_scores_behind_hash.sql).
UPDATE anamnesis.response r
SET answers = phi.seal($2, 'response.answers:' || r.id::text, $3),
    status = CASE WHEN r.amends IS NULL THEN 'completed' ELSE 'amended' END, revision = r.revision + 1,
    updated_at = $5, submitted_at = $5, answered = $7, total = $8, required_missing = 0,
    definition_sha256 = v.definition_sha256,
    response_sha256 = phi.seal($2, 'response.response_sha256:' || r.id::text, encode($6, 'hex') || $4)
FROM anamnesis.questionnaire_version v
WHERE r.id = $1 AND v.questionnaire_id = r.questionnaire_id AND v.version = r.version
RETURNING r.revision, r.definition_sha256
