-- questionnaire_publish :one!internal (id uuid, version int) -> (revision int)
-- The draft has become the version; new assignments get it from now on.
UPDATE anamnesis.questionnaire
SET status = 'active', version = $2, draft = NULL, revision = revision + 1, updated_at = now()
WHERE practice_id = (SELECT auth.practice()) AND id = $1
RETURNING revision
