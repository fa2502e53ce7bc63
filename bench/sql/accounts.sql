-- A practice with the physician and the patients of bench.account, every column sealed with its owner's key, and the
-- sessions of bench.session. Nobody has a password: nobody signs in.

INSERT INTO anamnesis.practice (name) VALUES ('Benchmark') RETURNING id AS practice \gset

INSERT INTO anamnesis.staff (id, practice_id, role, email_index, wrapped_key, email, name)
SELECT id, :'practice', 'physician', email_index, wrapped_key, phi.seal(data_key, 'staff.email:' || id, email),
       phi.seal(data_key, 'staff.name:' || id, 'Physician of the benchmark')
FROM bench.physician;

INSERT INTO anamnesis.patient (id, practice_id, given_name, family_name, birth_date, email, email_index,
                               language, registered_at, created_by)
SELECT p.id, :'practice', phi.seal(p.data_key, 'patient.given_name:' || p.id, 'Given ' || p.number),
       phi.seal(p.data_key, 'patient.family_name:' || p.id, 'Family ' || p.number),
       phi.seal(p.data_key, 'patient.birth_date:' || p.id, '1970-01-01'),
       phi.seal(p.data_key, 'patient.email:' || p.id, p.email), p.email_index, 'en', now(), s.id
FROM bench.patient p, bench.physician s;

INSERT INTO anamnesis.data_key (patient_id, practice_id, wrapped_key)
SELECT id, :'practice', wrapped_key FROM bench.patient;

INSERT INTO auth.session (practice_id, realm, account_id, token_hash, idle_seconds, expires_at, client_address)
SELECT :'practice', realm, account_id, token_hash, 43200, now() + interval '12 hours', '127.0.0.1'
FROM bench.session;

ANALYZE;
