-- glass_break :one!internal (id uuid, patient_id uuid, key bytea, reason text) -> (expires_at timestamptz)
SELECT auth.glass_break($1, $2, $3, $4)
