-- ledger_note :exec (version int, name text, sha256 text)
INSERT INTO anamnesis.migration (version, name, sha256) VALUES ($1, $2, $3);
