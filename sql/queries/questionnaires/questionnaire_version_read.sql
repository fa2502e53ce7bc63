-- questionnaire_version_read :one! (questionnaire_id uuid, version int) -> (version int, title text, published_at timestamptz, definition_sha256 bytea, on_drafts text, definition text, value_sets text)
-- One version, verbatim.
SELECT version, title, published_at, definition_sha256, on_drafts, definition, value_sets
FROM anamnesis.questionnaire_version
WHERE practice_id = (SELECT auth.practice()) AND questionnaire_id = $1 AND version = $2
