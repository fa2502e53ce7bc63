-- format_patients_put :exec (ids text, first text, second text)
UPDATE anamnesis.data_key t SET sealed_format = phi.patient_sealed_anew(t.patient_id, n.first)
FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, first, second)
WHERE t.patient_id = n.id;
