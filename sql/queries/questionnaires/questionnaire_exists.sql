-- questionnaire_exists :one! (id uuid) -> (status text)
SELECT status FROM anamnesis.questionnaire WHERE practice_id = (SELECT auth.practice()) AND id = $1
