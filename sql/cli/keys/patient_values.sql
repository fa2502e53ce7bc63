-- patient_values :many (ids text, keys text, unused text) -> (id uuid, email text?, record_number text?)
-- The keys come as parameters and the values go out in clear: between us and the database only.
SELECT p.id, phi.open(k.key, 'patient.email:' || p.id::text, p.email) AS email,
       phi.open(k.key, 'patient.record_number:' || p.id::text, p.record_number) AS record_number
FROM anamnesis.patient p
JOIN unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS k (id, key, unused) ON k.id = p.id;
