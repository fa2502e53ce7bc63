-- my_amendment_hold :exec (id uuid)
-- Two that amend the same response at once: the second waits here, and then finds the first one's amendment.
SELECT FROM anamnesis.response WHERE patient_id = (SELECT auth.patient()) AND id = $1 FOR UPDATE
