-- A session's row has what auth.pin() pins of its identifiers: they never change, and to take them apart in every transaction was
-- a fifth of the proof. Generated, so that nothing else can stand there.
ALTER TABLE auth.session ADD COLUMN pins bigint[] NOT NULL GENERATED ALWAYS AS (auth.pins(practice_id, account_id, id)) STORED;
