-- questionnaire_open :many (questionnaire_id uuid, fetch int) -> (version int, assigned bigint, in_progress bigint)
-- How many have not completed which version, newest first. Counts only: no patient is named, no answer opened.
SELECT a.version, count(*) FILTER (WHERE a.status = 'assigned'), count(*) FILTER (WHERE a.status = 'in-progress')
FROM anamnesis.assignment a
WHERE a.practice_id = auth.practice() AND a.questionnaire_id = $1 AND a.status IN ('assigned', 'in-progress')
GROUP BY a.version
ORDER BY a.version DESC
LIMIT $2
