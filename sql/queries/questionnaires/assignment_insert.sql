-- assignment_insert :one (id uuid, patient_id uuid, questionnaire_id uuid, due_at timestamptz?) -> (version int, title text, created_at timestamptz)
-- No row when the questionnaire is not active (a draft, retired, or not there). The lock is shared with other
-- assignments; publishing and retiring wait for it, and this waits for them: nobody is assigned what was retired. A
-- version that was published while this waited cannot be seen by it yet: then the title is the questionnaire's.
WITH active AS MATERIALIZED (
    SELECT q.id, q.version, q.title
    FROM anamnesis.questionnaire q
    WHERE q.practice_id = (SELECT auth.practice()) AND q.id = $3 AND q.status = 'active'
    FOR SHARE
), made AS (
    INSERT INTO anamnesis.assignment (id, practice_id, patient_id, questionnaire_id, version, due_at, created_by)
    SELECT $1, (SELECT auth.practice()), $2, q.id, q.version, $4, (SELECT auth.actor())
    FROM active q
    RETURNING version, created_at
)
SELECT made.version,
       coalesce((SELECT v.title FROM anamnesis.questionnaire_version v
                 WHERE v.questionnaire_id = active.id AND v.version = made.version), active.title),
       made.created_at
FROM made, active
