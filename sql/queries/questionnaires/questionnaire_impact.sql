-- questionnaire_impact :one! (id uuid) -> questionnaire_now
-- The draft, to be compared with the versions.
SELECT status, revision, version, draft FROM anamnesis.questionnaire WHERE practice_id = (SELECT auth.practice()) AND id = $1
