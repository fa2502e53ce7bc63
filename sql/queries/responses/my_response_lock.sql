-- my_response_lock :one! (id uuid, key bytea) -> (patient_id uuid, assignment_id uuid, questionnaire_id uuid, version int, version_revision int, status response_status, revision int, amends uuid?, cancelled bool, moves_to int?, answers text)
-- The patient's own response, opened, and until the end of the transaction nobody else's to change. moves_to: the
-- newer version to which it is to be carried over when it is opened next. By row-level security a statement locks only what it may
-- change: the acting patient's own.
SELECT audit.about(r.patient_id), r.assignment_id, r.questionnaire_id, r.version, r.version_revision, r.status, r.revision,
       r.amends, (a.now).cancelled, (a.now).moves_to,
       phi.open($2, 'response.answers:' || r.id::text, r.answers)
FROM anamnesis.response r
CROSS JOIN LATERAL (SELECT anamnesis.assignment_now(r.assignment_id) AS now OFFSET 0) a
WHERE r.id = $1
FOR UPDATE OF r
