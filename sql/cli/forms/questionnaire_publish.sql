-- questionnaire_publish :exec (practice_id uuid, id uuid)
UPDATE anamnesis.questionnaire
SET status = 'active', version = 1, draft = NULL, revision = revision + 1, updated_at = now()
WHERE practice_id = $1 AND id = $2;
