-- my_assignment_status :exec (id uuid, status text)
SELECT FROM anamnesis.assignment_answered($1, $2)
