-- questionnaire_version_text :one! (questionnaire_id uuid, version int) -> (definition text, value_sets text)
-- What a worker compiles and keeps.
SELECT definition, value_sets FROM anamnesis.questionnaire_version WHERE questionnaire_id = $1 AND version = $2
