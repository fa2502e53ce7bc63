-- assignment_insert :one (id uuid, patient_id uuid, questionnaire_id uuid, due_at timestamptz?) -> (version int, title text, created_at timestamptz)
-- No row when the questionnaire is not active (a draft, retired, or not there).
INSERT INTO anamnesis.assignment (id, practice_id, patient_id, questionnaire_id, version, due_at, created_by)
SELECT $1, auth.practice(), $2, q.id, q.version, $4, auth.actor()
FROM anamnesis.questionnaire q
WHERE q.practice_id = auth.practice() AND q.id = $3 AND q.status = 'active'
RETURNING version,
    (SELECT v.title FROM anamnesis.questionnaire_version v
     WHERE v.questionnaire_id = assignment.questionnaire_id AND v.version = assignment.version),
    created_at
