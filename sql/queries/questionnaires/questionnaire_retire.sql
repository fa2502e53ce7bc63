-- questionnaire_retire :one!internal (id uuid) -> (id uuid, status text, title text, revision int, version int?, created_at timestamptz, updated_at timestamptz)
-- No new assignments from now on; assignment_insert waits for this one's transaction.
UPDATE anamnesis.questionnaire
SET status = 'retired', revision = revision + 1, updated_at = now()
WHERE practice_id = (SELECT auth.practice()) AND id = $1
RETURNING id, status, title, revision, version, created_at, updated_at
