-- questionnaire_version_list :many (questionnaire_id uuid, before int?, fetch int) -> (version int, title text, published_at timestamptz, definition_sha256 bytea, on_drafts text)
-- Every version, newest first.
SELECT version, title, published_at, definition_sha256, on_drafts
FROM anamnesis.questionnaire_version
WHERE practice_id = (SELECT auth.practice()) AND questionnaire_id = $1 AND ($2::int IS NULL OR version < $2)
ORDER BY version DESC
LIMIT $3
