-- my_assignment_lock :one! (id uuid) -> (patient_id uuid, questionnaire_id uuid, version int, status text, moves_to int?)
-- Two that begin the same assignment at once: the second waits, and finds the first one's response. What a function reads is as
-- old as the statement, the row is as the first one left it: so moves_to is compared with the row.
SELECT audit.about(a.patient_id), a.questionnaire_id, a.version, a.status,
       (SELECT n.moves_to FROM anamnesis.assignment_now(a.id) n
        WHERE n.moves_to > a.version AND a.status IN ('assigned', 'in-progress'))
FROM anamnesis.assignment a
WHERE a.patient_id = (SELECT auth.patient()) AND a.id = $1 AND a.status <> 'cancelled'
FOR UPDATE
