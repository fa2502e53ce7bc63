-- questionnaire_delete :exec (id uuid)
-- Row-level security lets only drafts go that were never published.
DELETE FROM anamnesis.questionnaire WHERE practice_id = (SELECT auth.practice()) AND id = $1
