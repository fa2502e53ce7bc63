-- ledger_rows :many () -> (version int, sha256 text)
SELECT version, sha256 FROM anamnesis.migration ORDER BY version;
