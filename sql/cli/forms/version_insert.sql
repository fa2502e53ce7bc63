-- version_insert :exec (practice_id uuid, questionnaire_id uuid, title text, definition text, value_sets text, published_by uuid, definition_sha256 bytea)
INSERT INTO anamnesis.questionnaire_version (practice_id, questionnaire_id, version, title, definition, value_sets, published_by,
                                             definition_sha256)
VALUES ($1, $2, 1, $3, $4, $5, $6, $7);
