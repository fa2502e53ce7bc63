-- questionnaire_delete :exec (id uuid)
-- Row-level security lets only drafts go that were never published.
DELETE FROM anamnesis.questionnaire WHERE practice_id = auth.claimed_practice() AND id = $1
