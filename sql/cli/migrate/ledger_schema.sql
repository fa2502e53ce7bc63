-- ledger_schema :exec ()
CREATE SCHEMA IF NOT EXISTS anamnesis;
