-- scanner_again :one () -> (answer text?)
-- How many files that are kept were looked at with other signatures than those at work; NULL before any are.
SELECT (SELECT count(*) FROM anamnesis.upload u
        WHERE u.state IN ('clean', 'infected') AND u.salt IS NOT NULL AND u.scanned_with <> s.signatures)::text AS answer
FROM anamnesis.scanner s;
