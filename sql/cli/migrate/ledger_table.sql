-- ledger_table :exec ()
CREATE TABLE IF NOT EXISTS anamnesis.migration (
    version integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now());
