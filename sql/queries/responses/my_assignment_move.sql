-- my_assignment_move :exec (id uuid, version int)
-- To a newer version; a response in progress goes along. The trigger sees to it that the version takes drafts over.
UPDATE anamnesis.assignment SET version = $2, revision = revision + 1
WHERE patient_id = (SELECT auth.patient()) AND id = $1
