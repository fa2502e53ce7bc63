-- scanner_signatures_days :one () -> (answer text?)
-- How many days ago these were made.
SELECT floor(extract(epoch FROM now() - s.signatures_at) / 86400)::bigint::text AS answer FROM anamnesis.scanner s;
