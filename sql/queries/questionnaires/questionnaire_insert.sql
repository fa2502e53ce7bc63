-- questionnaire_insert :one!internal (id uuid, title text, draft text) -> (revision int, created_at timestamptz)
-- A new questionnaire: a draft, without a version.
INSERT INTO anamnesis.questionnaire (id, practice_id, title, draft, created_by)
VALUES ($1, (SELECT auth.practice()), $2, $3, (SELECT auth.actor()))
RETURNING revision, created_at
