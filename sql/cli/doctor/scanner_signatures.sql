-- scanner_signatures :one () -> (answer text?)
-- The signatures that the scanner last worked with.
SELECT s.signatures AS answer FROM anamnesis.scanner s;
