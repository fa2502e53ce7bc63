-- my_assignment_status :exec (id uuid, status text)
UPDATE anamnesis.assignment SET status = $2, revision = revision + 1
WHERE patient_id = (SELECT auth.patient()) AND id = $1
