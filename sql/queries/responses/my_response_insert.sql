-- my_response_insert :exec (id uuid, assignment_id uuid, questionnaire_id uuid, version int, key bytea, answers text, answered int, total int, required_missing int)
INSERT INTO anamnesis.response
    (id, practice_id, patient_id, assignment_id, questionnaire_id, version, answers, answered, total, required_missing)
VALUES ($1, (SELECT auth.practice()), (SELECT auth.patient()), $2, $3, $4, phi.seal($5, 'response.answers:' || $1::text, $6), $7, $8, $9)
