-- A practice with :responses responses over a year, the same rows each time: nothing is random and nothing asks for the time of day.
-- Ten assignments for each patient: seven completed, two in progress, one not begun. What is rare is as rare in every size, and the
-- oldest: 100 amendments, and version 9 of one questionnaire. Sealed values are bytes that do not open, but for the patients of
-- bench.shown, whose key is 96 times 07. Triggers are off: what they keep true is made at the end.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';
SET session_replication_role = replica;
-- What is measured stays as ANALYZE leaves it.
SELECT format('ALTER TABLE %s SET (autovacuum_enabled = off)', oid::regclass) FROM pg_class
WHERE relkind = 'r' AND relnamespace IN ('anamnesis'::regnamespace, 'auth'::regnamespace) \gexec
SET timezone = 'UTC';
\set patients '(:responses / 10)'
\set practice '\'00000000-0000-7000-8000-00000000aaaa\''

CREATE SCHEMA bench;
-- An identifier as uuid_v7() makes them, of this moment; the rest is a hash of `seed`.
CREATE FUNCTION bench.uuid_at(moment timestamptz, seed text) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '7' || substr(md5(seed), 1, 3) || '8'
        || substr(md5(seed), 4, 15))::uuid;
-- When the n-th of so many happened; an identifier of then.
CREATE FUNCTION bench.moment(n bigint, of bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE
RETURN timestamptz '2025-01-01 00:00:00+00' + interval '365 days' * (n::float8 / of);
CREATE FUNCTION bench.sealed(seed text, parts integer) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN '\x02'::bytea || decode(repeat(md5(seed), parts * 2), 'hex');
CREATE FUNCTION bench.key() RETURNS bytea LANGUAGE sql IMMUTABLE RETURN decode(repeat('07', 96), 'hex');

INSERT INTO anamnesis.practice (id, name, patient_access) VALUES (:practice, 'Grown', 'care-team');
CREATE TABLE bench.person (name text PRIMARY KEY, realm text, id uuid, token_hash bytea);
INSERT INTO bench.person
SELECT name, 'staff', bench.uuid_at('2024-12-01Z', name), sha256(name::bytea)
FROM unnest(ARRAY['owner', 'physician', 'busy', 'hospital', 'auditor']) name;
INSERT INTO anamnesis.staff (id, practice_id, role, email_index, wrapped_key, email, name, created_at)
SELECT id, :practice, CASE WHEN name IN ('busy', 'hospital') THEN 'physician' ELSE name END, token_hash, bench.sealed(name, 4), bench.sealed(name, 4),
       bench.sealed(name, 4), '2024-12-01Z'
FROM bench.person;

INSERT INTO anamnesis.questionnaire (id, practice_id, title, draft, created_by, created_at, updated_at)
SELECT bench.uuid_at('2024-12-02Z', 'q' || n), :practice, 'Questionnaire ' || n, '{}', :practice, '2024-12-02Z', '2024-12-02Z'
FROM generate_series(0, 39) n;
INSERT INTO anamnesis.questionnaire_version (practice_id, questionnaire_id, version, title, definition, definition_sha256, published_by,
                                             published_at)
SELECT practice_id, id, v, title, '{}', sha256('{}'), :practice, '2024-12-03Z'
FROM anamnesis.questionnaire, unnest(ARRAY[1, 2, 3, 9]) v;
UPDATE anamnesis.questionnaire SET status = 'active', version = 9, draft = NULL;

CREATE TABLE bench.patient AS
SELECT n, bench.uuid_at(bench.moment(n, :patients), 'p' || n) AS id FROM generate_series(0, :patients - 1) n;
ALTER TABLE bench.patient ADD PRIMARY KEY (n);
ANALYZE bench.patient;
-- The physician's three patients, far from each other; one to whom the glass is broken; the patient who is measured.
CREATE TABLE bench.shown AS
SELECT n, id FROM bench.patient WHERE n IN (:patients / 2, :patients / 3, :patients / 5, :patients / 7);
INSERT INTO bench.person SELECT 'patient', 'patient', id, sha256('patient') FROM bench.shown WHERE n = :patients / 3;

INSERT INTO anamnesis.patient (id, practice_id, given_name, family_name, birth_date, email, email_index, record_number,
                               record_number_index, language, registered_at, created_by, created_at, updated_at)
SELECT p.id, :practice, x.s, x.s, x.s, x.s, sha256(('e' || n)::bytea), x.s, sha256(('r' || n)::bytea), 'en', m, :practice, m, m
FROM bench.patient p, LATERAL (SELECT bench.sealed('s' || n, 4) AS s, bench.moment(n, :patients) AS m) x;
UPDATE anamnesis.patient p SET given_name = phi.seal(bench.key(), 'patient.given_name:' || id, 'Given'),
    family_name = phi.seal(bench.key(), 'patient.family_name:' || id, 'Family'),
    birth_date = phi.seal(bench.key(), 'patient.birth_date:' || id, '1970-01-01'),
    email = phi.seal(bench.key(), 'patient.email:' || id, 'patient@bench.example'),
    record_number = phi.seal(bench.key(), 'patient.record_number:' || id, '1')
WHERE id IN (SELECT id FROM bench.shown);
INSERT INTO anamnesis.data_key (patient_id, practice_id, wrapped_key)
SELECT id, :practice, substr(bench.sealed('k' || n, 5), 1, 76) FROM bench.patient;
INSERT INTO anamnesis.invitation (practice_id, patient_id, id, token_hash, status, used_at, delivery, expires_at, created_by, created_at)
SELECT :practice, id, bench.uuid_at(m, 'i' || n), sha256(('i' || n)::bytea), 'used', m, 'email', m, :practice, m
FROM bench.patient, LATERAL (SELECT bench.moment(n, :patients) AS m) x;
INSERT INTO anamnesis.outbox (id, practice_id, kind, patient_id, created_at, sent_at)
SELECT bench.uuid_at(m, 'o' || n), :practice, 'invitation', id, m, m
FROM bench.patient, LATERAL (SELECT bench.moment(n, :patients) AS m) x;

-- Patients take turns; the place in the turn moves which of ten an assignment is, and which questionnaire it asks.
CREATE TABLE bench.asked AS
SELECT g.n, p.id AS patient, p.n AS person, bench.uuid_at(m, 'a' || g.n) AS assignment, bench.uuid_at(m + interval '10 minutes', 'x' || g.n) AS response, m,
       bench.uuid_at('2024-12-02Z', 'q' || (g.n + 3 * turn) % 40) AS questionnaire,
       CASE WHEN g.n < 800 AND (g.n + 3 * turn) % 40 = 1 THEN 9 ELSE 1 + (3 * g.n / :responses)::integer END AS version,
       CASE (g.n + turn) % 10 WHEN 0 THEN 'assigned' WHEN 1 THEN 'in-progress' WHEN 2 THEN 'in-progress' ELSE 'completed' END AS status
FROM generate_series(0, :responses - 1) g (n) CROSS JOIN LATERAL (SELECT g.n / :patients AS turn, bench.moment(g.n, :responses) AS m) x
JOIN bench.patient p ON p.n = (g.n * 7919::bigint) % :patients;
INSERT INTO anamnesis.assignment (id, practice_id, patient_id, questionnaire_id, version, status, created_by, created_at)
SELECT assignment, :practice, patient, questionnaire, version, status, :practice, m FROM bench.asked ORDER BY n;
INSERT INTO anamnesis.response (id, practice_id, patient_id, assignment_id, questionnaire_id, version, status, revision, answers,
                                answered, total, required_missing, started_at, updated_at, submitted_at, definition_sha256,
                                response_sha256)
SELECT response, :practice, patient, assignment, questionnaire, version, status, 3,
       CASE WHEN EXISTS (SELECT FROM bench.shown w WHERE w.n = person) THEN phi.seal(bench.key(), 'response.answers:' || response, '[]')
            ELSE bench.sealed('x' || n, 16) END, 9, 10, 0, m + interval '10 minutes', m + interval '1 hour',
       CASE status WHEN 'completed' THEN m + interval '1 hour' END, CASE status WHEN 'completed' THEN sha256('{}') END,
       CASE status WHEN 'completed' THEN phi.seal(bench.key(), 'response.response_sha256:' || response, md5('x') || md5('x')) END
FROM bench.asked WHERE status <> 'assigned' ORDER BY n;
-- The first hundred that are completed were amended, or somebody began to.
INSERT INTO anamnesis.response (id, practice_id, patient_id, assignment_id, questionnaire_id, version, status, revision, answers,
                                answered, total, required_missing, started_at, updated_at, submitted_at, definition_sha256,
                                response_sha256, amendment, amends)
SELECT bench.uuid_at(m + interval '2 days', 'am' || n), :practice, patient, assignment, questionnaire, version,
       CASE WHEN n % 2 = 0 THEN 'amended' ELSE 'stopped' END, 3, bench.sealed('am' || n, 16), 9, 10, 0, m + interval '2 days', m + interval '3 days',
       CASE WHEN n % 2 = 0 THEN m + interval '3 days' END, CASE WHEN n % 2 = 0 THEN sha256('{}') END,
       CASE WHEN n % 2 = 0 THEN bench.sealed('x' || n, 4) END, 1, response
FROM bench.asked WHERE status = 'completed' AND person NOT IN (SELECT w.n FROM bench.shown w) ORDER BY n LIMIT 100;

-- What came in the last week is to be read; of the rest one in 256 is being read.
INSERT INTO anamnesis.review_now (response_id, practice_id, patient_id, state, number)
SELECT r.id, r.practice_id, r.patient_id, x.state, CASE x.state WHEN 'new' THEN 0 ELSE 1 END
FROM anamnesis.response r,
     LATERAL (SELECT CASE WHEN r.started_at > '2025-12-25Z' THEN 'new' WHEN md5(r.id::text) LIKE '00%' THEN 'in-review' ELSE 'reviewed' END AS state) x
WHERE r.status IN ('completed', 'amended') ORDER BY r.id;
INSERT INTO anamnesis.review (id, practice_id, patient_id, response_id, number, state, staff_id, at)
SELECT bench.uuid_at('2025-12-31Z', 'v' || n.response_id), n.practice_id, n.patient_id, n.response_id, 1, n.state, s.id, '2025-12-31Z'
FROM anamnesis.review_now n, bench.person s WHERE n.number = 1 AND s.name = 'physician' ORDER BY n.response_id;

INSERT INTO anamnesis.response_migration (id, practice_id, patient_id, response_id, from_version, to_version, revision, answers, dropped, migrated_at)
SELECT x.id, :practice, patient, response, 1, 2, 1,
       CASE WHEN shown THEN phi.seal(bench.key(), 'response_migration.answers:' || x.id, '[]') ELSE bench.sealed('m' || n, 4) END,
       CASE WHEN shown THEN phi.seal(bench.key(), 'response_migration.dropped:' || x.id, '[]') ELSE bench.sealed('m' || n, 4) END, m
FROM bench.asked, LATERAL (SELECT bench.uuid_at(m, 'm' || n) AS id, EXISTS (SELECT FROM bench.shown w WHERE w.n = person) AS shown) x
WHERE status <> 'assigned' AND n % 20 = 0 ORDER BY n;

INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by)
SELECT :practice, s.id, w.id, :practice FROM bench.shown w, bench.person s WHERE s.name = 'physician' AND w.n <> :patients / 7;
INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by)
SELECT :practice, s.id, p.id, :practice FROM bench.patient p, bench.person s
WHERE CASE s.name WHEN 'busy' THEN p.n % (:patients / 300) = 1 AND p.n / (:patients / 300) < 300 WHEN 'hospital' THEN p.n % 4 = 0 END;
INSERT INTO anamnesis.break_glass (id, practice_id, patient_id, staff_id, reason, opened_at, expires_at)
SELECT bench.uuid_at('2025-12-31Z', 'g'), :practice, w.id, s.id, bench.sealed('g', 4), now(), now() + interval '1 year'
FROM bench.shown w, bench.person s WHERE s.name = 'physician' AND w.n = :patients / 7
UNION ALL
SELECT bench.uuid_at('2025-06-01Z', 'g' || p.n), :practice::uuid, p.id, s.id, bench.sealed('g', 4), '2025-06-01Z', '2025-06-02Z'
FROM bench.patient p, bench.person s WHERE s.name = 'busy' AND p.n < 600;

-- A small practice beside it, whose rows are the oldest: its owner, a patient, and what three of the first assignments asked.
\set beside '\'00000000-0000-7000-8000-00000000bbbb\''
INSERT INTO anamnesis.practice (id, name) VALUES (:beside, 'Beside');
INSERT INTO bench.person VALUES ('neighbour', 'staff', bench.uuid_at('2024-12-01Z', 'neighbour'), sha256('neighbour'));
INSERT INTO anamnesis.staff SELECT (jsonb_populate_record(s, jsonb_build_object('id', b.id, 'practice_id', :beside))).*
FROM anamnesis.staff s, bench.person b, bench.person o WHERE b.name = 'neighbour' AND o.name = 'owner' AND s.id = o.id;
INSERT INTO anamnesis.questionnaire_version SELECT (jsonb_populate_record(v, jsonb_build_object('questionnaire_id', :beside, 'practice_id', :beside))).*
FROM anamnesis.questionnaire_version v WHERE v.questionnaire_id = bench.uuid_at('2024-12-02Z', 'q1');
INSERT INTO anamnesis.patient SELECT (jsonb_populate_record(p, jsonb_build_object('id', bench.uuid_at('2024-12-05Z', 'beside'), 'practice_id', :beside))).*
FROM anamnesis.patient p, bench.patient b WHERE b.n = 0 AND p.id = b.id;
INSERT INTO anamnesis.response (id, practice_id, patient_id, assignment_id, questionnaire_id, version, answers, started_at, updated_at)
SELECT bench.uuid_at('2024-12-06Z', 'beside' || n), :beside, bench.uuid_at('2024-12-05Z', 'beside'), bench.uuid_at('2024-12-05Z', 'of' || n),
       :beside, 1, bench.sealed('b' || n, 16), '2024-12-06Z', '2024-12-06Z' FROM generate_series(1, 3) n;

INSERT INTO anamnesis.open_count (practice_id, questionnaire_id, version, assigned, in_progress, folded)
SELECT practice_id, questionnaire_id, version, count(*) FILTER (WHERE status = 'assigned'), count(*) FILTER (WHERE status = 'in-progress'),
       true
FROM anamnesis.assignment WHERE status IN ('assigned', 'in-progress') GROUP BY 1, 2, 3;

-- A photo with one response in four, which those that are completed show. What triggers would count is not looked at here.
ALTER TABLE anamnesis.upload DISABLE TRIGGER moves, DISABLE TRIGGER leaves;
INSERT INTO anamnesis.upload (id, practice_id, patient_id, assignment_id, response_id, questionnaire_id, link_id, type, size, parts, name,
                              declared, salt, state, created_at, expires_at, completed_at, decided_at, scanned_with, retain_until)
SELECT bench.uuid_at(r.started_at, 'upload' || r.id::text), r.practice_id, r.patient_id, r.assignment_id, r.id, r.questionnaire_id, 'photo',
       'image/jpeg', 2000000, 1, bench.sealed('name' || r.id::text, 4), bench.sealed('declared' || r.id::text, 4), sha256(uuid_send(r.id)),
       'clean', r.started_at, r.started_at, r.started_at, r.started_at, 'daily:1', NULL
FROM anamnesis.response r WHERE get_byte(uuid_send(r.id), 15) % 4 = 0;
ALTER TABLE anamnesis.upload ENABLE ALWAYS TRIGGER moves, ENABLE ALWAYS TRIGGER leaves;
INSERT INTO anamnesis.upload_shown (upload_id, response_id, practice_id, patient_id)
SELECT u.id, r.id, u.practice_id, u.patient_id
FROM anamnesis.upload u JOIN anamnesis.response r ON r.id = u.response_id WHERE r.status IN ('completed', 'amended');

INSERT INTO auth.session (practice_id, realm, account_id, token_hash, idle_seconds, expires_at, client_address)
SELECT CASE name WHEN 'neighbour' THEN :beside ELSE :practice END::uuid, realm, id, token_hash, 86400, now() + interval '1 day', 'bench' FROM bench.person;
SET session_replication_role = origin;
