-- care_team_add :one!internal (patient_id uuid, staff_id uuid) -> (outcome text)
SELECT auth.care_team_add($1, $2)
