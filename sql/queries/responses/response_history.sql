-- response_history :many (id uuid, key bytea) -> (patient_id uuid, assignment_id uuid, questionnaire_id uuid, id uuid, amends uuid?, status text, version int, revision int, started_at timestamptz, updated_at timestamptz, submitted_at timestamptz?, definition_sha256 bytea?, response_sha256 bytea?)
-- The response and all its amendments, from the first one on.
SELECT audit.about(r.patient_id), r.assignment_id, r.questionnaire_id, r.id, r.amends, r.status, r.version, r.revision,
       r.started_at, r.updated_at, r.submitted_at, r.definition_sha256,
       decode(left(phi.open($2, 'response.response_sha256:' || r.id::text, r.response_sha256), 64), 'hex')
FROM anamnesis.response asked
JOIN anamnesis.response r ON r.assignment_id = asked.assignment_id
JOIN anamnesis.patient p ON p.id = r.patient_id AND p.status <> 'erased' -- a worker may still have the key
WHERE asked.practice_id = (SELECT auth.practice()) AND asked.id = $1
ORDER BY r.amendment
