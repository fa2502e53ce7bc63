-- response_proof :one! (id uuid, key bytea) -> (patient_id uuid, questionnaire_id uuid, version int, status text, submitted_at timestamptz?, amends uuid?, amends_sha256 bytea?, definition_sha256 bytea?, response_sha256 bytea?, answers text, definition text, value_sets text)
-- A response with what was shown.
SELECT audit.about(r.patient_id), r.questionnaire_id, r.version, r.status, r.submitted_at, r.amends,
       (SELECT decode(left(phi.open($2, 'response.response_sha256:' || o.id::text, o.response_sha256), 64), 'hex') FROM anamnesis.response o
        WHERE o.id = r.amends),
       r.definition_sha256, decode(left(phi.open($2, 'response.response_sha256:' || r.id::text, r.response_sha256), 64), 'hex'),
       phi.open($2, 'response.answers:' || r.id::text, r.answers), v.definition, v.value_sets
FROM anamnesis.response r
JOIN anamnesis.patient p ON p.id = r.patient_id AND p.status <> 'erased' -- a worker may still have the key
JOIN anamnesis.questionnaire_version v ON v.questionnaire_id = r.questionnaire_id AND v.version = r.version
WHERE r.practice_id = (SELECT auth.practice()) AND r.id = $1
