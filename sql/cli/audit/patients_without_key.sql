-- patients_without_key :one () -> (count bigint)
-- Whom a restore would lose: patients who are there without a key; and whom it would bring back.
SELECT count(*)
FROM anamnesis.patient p
LEFT JOIN anamnesis.data_key d ON d.patient_id = p.id
WHERE (p.status = 'erased') = (d.patient_id IS NOT NULL);
