-- glass_list :many (before uuid?, fetch int, key_ids uuid[], keys bytea[]) -> (id uuid, patient_id uuid, staff_id uuid, opened_at timestamptz, expires_at timestamptz, wrapped_key bytea?, reason text?)
-- Newest first; reasons of patients whose keys are given. A patient who was erased has no key, and the reason is gone.
SELECT g.id, audit.about(g.patient_id), g.staff_id, g.opened_at, g.expires_at, d.wrapped_key,
       phi.open(k.key, 'break_glass.reason:' || g.id::text, g.reason)
FROM anamnesis.break_glass g
JOIN anamnesis.patient p ON p.practice_id = g.practice_id AND p.id = g.patient_id
LEFT JOIN anamnesis.data_key d ON d.patient_id = g.patient_id
LEFT JOIN unnest($3::uuid[], $4::bytea[]) AS k (id, key) ON k.id = g.patient_id AND d.wrapped_key IS NOT NULL
WHERE g.practice_id = (SELECT auth.practice()) AND ($1::uuid IS NULL OR g.id < $1)
ORDER BY g.id DESC
LIMIT $2
