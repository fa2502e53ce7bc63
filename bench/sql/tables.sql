-- What the benchmark knows about its accounts: real keys and tokens of an instance that holds nothing else.
-- The first account is the physician, the others are patients.

CREATE SCHEMA bench;
CREATE TABLE bench.account (
    number      int GENERATED ALWAYS AS IDENTITY,
    id          uuid PRIMARY KEY,
    data_key    bytea,
    wrapped_key bytea,
    email       text,
    email_index bytea
);
CREATE TABLE bench.session (realm text, account_id uuid, token_hash bytea);
CREATE VIEW bench.physician AS SELECT * FROM bench.account WHERE number = 1;
CREATE VIEW bench.patient AS SELECT * FROM bench.account WHERE number > 1;
