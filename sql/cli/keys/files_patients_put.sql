-- files_patients_put :exec (ids text, first text, second text)
UPDATE anamnesis.data_key t SET files_key = n.first
FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, first, second)
WHERE t.patient_id = n.id;
