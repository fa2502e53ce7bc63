-- questionnaire_lock :one! (id uuid) -> (status text, revision int, version int?, draft text?)
-- One questionnaire, until the end of the transaction nobody else's to change.
SELECT status, revision, version, draft
FROM anamnesis.questionnaire
WHERE practice_id = (SELECT auth.practice()) AND id = $1
FOR UPDATE
