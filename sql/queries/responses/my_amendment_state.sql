-- my_amendment_state :one! (id uuid) -> (patient_id uuid, status response_status, amendments int, open_id uuid?, amended bool)
-- What can be done with a response: its state, the assignment's open amendment, whether it was amended already.
SELECT audit.about(r.patient_id), r.status,
       (SELECT max(n.amendment) FROM anamnesis.response n WHERE n.assignment_id = r.assignment_id),
       (SELECT o.id FROM anamnesis.response o WHERE o.assignment_id = r.assignment_id AND o.status = 'in-progress'),
       EXISTS (SELECT FROM anamnesis.response n WHERE n.amends = r.id AND n.status = 'amended')
FROM anamnesis.response r
WHERE r.patient_id = (SELECT auth.patient()) AND r.id = $1
