-- questionnaire_open :many (questionnaire_id uuid, fetch int) -> (version int, assigned bigint, in_progress bigint)
-- How many have not completed which version, newest first. Counts only: no patient is named, no answer opened.
SELECT version, assigned, in_progress FROM auth.open_assignments($1, $2)
