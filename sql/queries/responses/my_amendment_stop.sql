-- my_amendment_stop :exec (id uuid)
-- Given up: what was answered stays in the history, and nobody can change it any more.
UPDATE anamnesis.response SET status = 'stopped', revision = revision + 1, updated_at = now()
WHERE patient_id = (SELECT auth.patient()) AND id = $1
