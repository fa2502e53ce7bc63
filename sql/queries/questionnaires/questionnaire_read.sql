-- questionnaire_read :one! (id uuid) -> (id uuid, status text, title text, revision int, version int?, has_draft bool, created_at timestamptz, updated_at timestamptz, definition text?)
-- One questionnaire with its draft, or else its current version.
SELECT q.id, q.status, q.title, q.revision, q.version, q.draft IS NOT NULL, q.created_at, q.updated_at,
       coalesce(q.draft, v.definition)
FROM anamnesis.questionnaire q
LEFT JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = q.id AND v.version = q.version
WHERE q.practice_id = (SELECT auth.practice()) AND q.id = $1
