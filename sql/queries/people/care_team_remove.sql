-- care_team_remove :one! (patient_id uuid, staff_id uuid) -> (staff_id uuid)
-- No row when they are not of it.
DELETE FROM anamnesis.care_team
WHERE practice_id = (SELECT auth.practice()) AND patient_id = $1 AND staff_id = $2
RETURNING staff_id
