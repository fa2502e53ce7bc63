-- definition :one (id uuid, version text?) -> (practice_id uuid, version int?, title text, definition text)
-- Without a version the newest one, or the draft of one that was never published.
SELECT q.practice_id, v.version, coalesce(v.title, q.title) AS title, coalesce(v.definition, q.draft) AS definition
FROM anamnesis.questionnaire q
LEFT JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = q.id AND v.version = coalesce($2::integer, q.version)
WHERE q.id = $1 AND ($2::integer IS NULL OR v.version IS NOT NULL);
