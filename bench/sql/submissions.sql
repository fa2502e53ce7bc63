-- Which response pgbench submits in transaction :number of client :client, with what its patient would send.
CREATE TABLE bench.submission (
    client     int,
    number     int,
    id         uuid,
    assignment uuid,
    token_hash bytea,
    data_key   bytea,
    PRIMARY KEY (client, number)
);
COPY bench.submission (client, number, id) FROM STDIN;
ROWS
\.

UPDATE bench.submission b
SET assignment = r.assignment_id, token_hash = s.token_hash, data_key = a.data_key
FROM anamnesis.response r
JOIN bench.account a ON a.id = r.patient_id
JOIN bench.session s ON s.account_id = a.id
WHERE r.id = b.id;

GRANT USAGE ON SCHEMA bench TO anamnesis_api;
GRANT SELECT ON bench.submission TO anamnesis_api;
ANALYZE bench.submission;
