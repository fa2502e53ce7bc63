-- my_response_lock :one! (id uuid, key bytea) -> (patient_id uuid, assignment_id uuid, questionnaire_id uuid, version int, version_revision int, status response_status, revision int, amends uuid?, cancelled bool, moves_to int?, answers text)
-- The patient's own response, opened, and until the end of the transaction nobody else's to change. moves_to: the
-- newer version to which it is to be carried over when it is opened next.
SELECT audit.about(r.patient_id), r.assignment_id, r.questionnaire_id, r.version, r.version_revision, r.status, r.revision,
       r.amends, a.status = 'cancelled',
       (SELECT max(n.version) FROM anamnesis.questionnaire_version n
        WHERE n.questionnaire_id = a.questionnaire_id AND n.version > a.version AND n.on_drafts = 'migrate'
          AND a.status IN ('assigned', 'in-progress')),
       phi.open($2, 'response.answers:' || r.id::text, r.answers)
FROM anamnesis.response r
JOIN anamnesis.assignment a ON a.id = r.assignment_id
WHERE r.patient_id = (SELECT auth.patient()) AND r.id = $1
FOR UPDATE OF r
