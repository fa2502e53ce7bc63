-- scan_keys :many () -> (version int, value bytea)
-- What the database knows of the keys under which files keys are sealed: to tell a wrong keyring before a file is claimed.
SELECT k.version, k.value FROM anamnesis.scanner_keys() k
