-- assignment_cancel :exec (id uuid)
UPDATE anamnesis.assignment SET status = 'cancelled', revision = revision + 1
WHERE practice_id = (SELECT auth.practice()) AND id = $1
