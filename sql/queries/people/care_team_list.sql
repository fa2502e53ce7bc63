-- care_team_list :many (patient_id uuid, key_ids uuid[], keys bytea[]) -> (staff_id uuid, role text, status text, added_at timestamptz, wrapped_key bytea, name text?)
-- Who is of a patient's care team, the newest first; names of those whose keys are given.
SELECT t.staff_id, t.role, t.status, t.added_at, t.wrapped_key, phi.open(k.key, 'staff.name:' || t.staff_id::text, t.name)
FROM auth.care_team($1) AS t
LEFT JOIN unnest($2::uuid[], $3::bytea[]) AS k (id, key) ON k.id = t.staff_id
