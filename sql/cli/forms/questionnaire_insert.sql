-- questionnaire_insert :exec (id uuid, practice_id uuid, title text, draft text, created_by uuid)
INSERT INTO anamnesis.questionnaire (id, practice_id, title, draft, created_by)
VALUES ($1, $2, $3, $4, $5);
