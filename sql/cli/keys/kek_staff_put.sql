-- kek_staff_put :exec (ids text, first text, second text)
UPDATE anamnesis.staff t SET wrapped_key = n.first
FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, first, second)
WHERE t.id = n.id;
