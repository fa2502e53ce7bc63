-- questionnaire_delete :exec (id uuid)
-- Row-level security lets only drafts go that were never published.
DELETE FROM anamnesis.questionnaire WHERE practice_id = auth.practice() AND id = $1
