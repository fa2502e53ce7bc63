-- questionnaire_version_insert :one (questionnaire_id uuid, version int, title text, definition text, definition_sha256 bytea) -> (published_at timestamptz)
-- Freezes a version for ever.
INSERT INTO anamnesis.questionnaire_version
    (practice_id, questionnaire_id, version, title, definition, definition_sha256, published_by)
VALUES (auth.practice(), $1, $2, $3, $4, $5, auth.actor())
RETURNING published_at
