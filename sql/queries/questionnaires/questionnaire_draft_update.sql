-- questionnaire_draft_update :one!internal (id uuid, revision int, title text, draft text) -> (status text, title text, revision int, version int?, created_at timestamptz, updated_at timestamptz)
-- Replaces the draft if nobody else has since: no row when the revision is stale (or there is no such questionnaire).
UPDATE anamnesis.questionnaire
SET draft = $4, title = $3, revision = revision + 1, updated_at = now()
WHERE practice_id = (SELECT auth.practice()) AND id = $1 AND revision = $2
RETURNING status, title, revision, version, created_at, updated_at
