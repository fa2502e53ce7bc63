-- my_amendment_insert :exec (id uuid, of uuid, key bytea, number int)
-- An amendment begins with the answers of the response that it amends, sealed for its own row.
INSERT INTO anamnesis.response
    (id, practice_id, patient_id, assignment_id, questionnaire_id, version, answers, answered, total, required_missing,
     amendment, amends)
SELECT $1, r.practice_id, r.patient_id, r.assignment_id, r.questionnaire_id, r.version,
       phi.seal($3, 'response.answers:' || $1::text, phi.open($3, 'response.answers:' || r.id::text, r.answers)),
       r.answered, r.total, r.required_missing, $4, r.id
FROM anamnesis.response r
WHERE r.patient_id = (SELECT auth.patient()) AND r.id = $2
