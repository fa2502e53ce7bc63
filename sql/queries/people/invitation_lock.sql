-- invitation_lock :one! (id uuid) -> (patient_id uuid, status invitation_status, delivery text, expires_at timestamptz, created_at timestamptz, patient_status patient_status, registered bool, wrapped_key bytea?, practice_name text, hours int)
SELECT audit.about(i.patient_id), i.status, i.delivery, i.expires_at, i.created_at, p.status,
       p.registered_at IS NOT NULL, d.wrapped_key, c.name, i.hours
FROM anamnesis.invitation i
JOIN anamnesis.patient p ON p.id = i.patient_id
LEFT JOIN anamnesis.data_key d ON d.patient_id = i.patient_id
JOIN anamnesis.practice c ON c.id = i.practice_id
WHERE i.practice_id = (SELECT auth.practice()) AND i.id = $1
FOR UPDATE OF i
