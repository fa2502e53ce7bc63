-- address_shared :one!internal (patient_id uuid) -> (shared bool)
-- Whether another one who has registered has the patient's address; of those whom the actor may see.
SELECT EXISTS (
    SELECT FROM anamnesis.patient p
    JOIN anamnesis.patient o ON o.practice_id = p.practice_id AND o.email_index = p.email_index AND o.id <> p.id
    WHERE p.practice_id = (SELECT auth.practice()) AND p.id = $1 AND o.status = 'active' AND o.registered_at IS NOT NULL)
