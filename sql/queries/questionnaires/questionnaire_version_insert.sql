-- questionnaire_version_insert :one!internal (questionnaire_id uuid, version int, title text, definition text, definition_sha256 bytea, value_sets text, on_drafts text) -> (published_at timestamptz)
-- Freezes a version for ever, with the value sets that it uses.
INSERT INTO anamnesis.questionnaire_version
    (practice_id, questionnaire_id, version, title, definition, definition_sha256, value_sets, on_drafts, published_by)
VALUES ((SELECT auth.practice()), $1, $2, $3, $4, $5, $6, $7, (SELECT auth.actor()))
RETURNING published_at
