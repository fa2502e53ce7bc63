-- patient_exists :one! (id uuid) -> (id uuid, status patient_status, revision int, registered bool)
-- Names the patient for the audit row, and says whether there is one to act for.
SELECT audit.about(id), status, revision, registered_at IS NOT NULL FROM anamnesis.patient
WHERE practice_id = (SELECT auth.practice()) AND id = $1 AND status <> 'erased'
