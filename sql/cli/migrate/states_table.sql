-- states_table :exec ()
-- Each whole state of functions and policies that the database ever had.
CREATE TABLE IF NOT EXISTS anamnesis.sql_state (
    sha256 text PRIMARY KEY,
    number integer GENERATED ALWAYS AS IDENTITY,
    applied_at timestamptz NOT NULL DEFAULT now());
