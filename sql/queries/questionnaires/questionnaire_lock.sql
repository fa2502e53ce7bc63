-- questionnaire_lock :one! (id uuid) -> questionnaire_now
-- One questionnaire, until the end of the transaction nobody else's to change.
SELECT status, revision, version, draft
FROM anamnesis.questionnaire
WHERE practice_id = (SELECT auth.practice()) AND id = $1
FOR UPDATE
