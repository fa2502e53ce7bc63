-- index_patients_put :exec (ids text, first text, second text)
UPDATE anamnesis.patient t SET email_index = n.first, record_number_index = n.second
FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, first, second)
WHERE t.id = n.id;
