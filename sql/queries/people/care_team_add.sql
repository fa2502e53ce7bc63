-- care_team_add :one!internal (patient_id uuid, staff_id uuid) -> (outcome enum(added|there|full|nobody))
SELECT auth.care_team_add($1, $2)
