-- questionnaire_impact :one! (id uuid) -> (revision int, version int?, draft text?, status text)
-- The draft, to be compared with the versions.
SELECT revision, version, draft, status FROM anamnesis.questionnaire WHERE practice_id = (SELECT auth.practice()) AND id = $1
