-- response_reviews :many (id uuid, key bytea) -> (patient_id uuid, now text?, now_assignee uuid?, last int?, number int?, state text?, assignee uuid?, note text?, staff_id uuid?, at timestamptz?)
-- Where a response's review stands, with its newest steps; one row without a step when there is none.
SELECT audit.about(r.patient_id), n.state, n.assignee, n.number, s.number, s.state, s.assignee,
       phi.open($2, 'review.note:' || s.id::text, s.note), s.staff_id, s.at
FROM anamnesis.response r
JOIN anamnesis.patient p ON p.id = r.patient_id AND p.status <> 'erased' -- a worker may still have the key
LEFT JOIN anamnesis.review_now n ON n.response_id = r.id
LEFT JOIN LATERAL (
    SELECT v.* FROM anamnesis.review v WHERE v.response_id = n.response_id ORDER BY v.number DESC LIMIT 200) s ON true
WHERE r.practice_id = (SELECT auth.practice()) AND r.id = $1
ORDER BY s.number DESC
