-- One response for each assignment that has none, copied from two that went through the API: `submitted` for the first
-- :completed of each patient, `open` for the others. Every copy is sealed with its own patient's key. The triggers that
-- make a completed response immutable do not concern an INSERT.

WITH template AS (
    SELECT r.*, phi.open(a.data_key, 'response.answers:' || r.id, r.answers) AS answers_text,
           phi.open(a.data_key, 'response.scores:' || r.id, r.scores) AS scores_text,
           phi.open(a.data_key, 'response.response_sha256:' || r.id, r.response_sha256) AS sha256_text
    FROM anamnesis.response r
    JOIN bench.account a ON a.id = r.patient_id
    WHERE r.id IN (:'submitted', :'open')
), place AS (
    SELECT s.id AS assignment_id, s.patient_id, a.data_key, anamnesis.uuid_v7() AS id,
           CASE WHEN row_number() OVER (PARTITION BY s.patient_id ORDER BY s.id) <= :completed
                THEN :'submitted'::uuid ELSE :'open'::uuid END AS template_id
    FROM anamnesis.assignment s
    JOIN bench.account a ON a.id = s.patient_id
    WHERE NOT EXISTS (SELECT FROM anamnesis.response r WHERE r.assignment_id = s.id)
)
INSERT INTO anamnesis.response (id, practice_id, patient_id, assignment_id, questionnaire_id, version, status, revision,
                                answers, scores, answered, total, required_missing, started_at, updated_at, submitted_at,
                                definition_sha256, response_sha256)
SELECT p.id, t.practice_id, p.patient_id, p.assignment_id, t.questionnaire_id, t.version, t.status, t.revision,
       phi.seal(p.data_key, 'response.answers:' || p.id, t.answers_text),
       phi.seal(p.data_key, 'response.scores:' || p.id, t.scores_text),
       t.answered, t.total, t.required_missing, t.started_at, t.updated_at, t.submitted_at, t.definition_sha256,
       phi.seal(p.data_key, 'response.response_sha256:' || p.id, t.sha256_text)
FROM place p
JOIN template t ON t.id = p.template_id;

UPDATE anamnesis.assignment s
SET status = r.status
FROM anamnesis.response r
WHERE r.assignment_id = s.id AND s.status = 'assigned';

VACUUM ANALYZE;
