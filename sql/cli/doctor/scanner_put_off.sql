-- scanner_put_off :one () -> (answer text?)
-- How many files wait that the scanner could not look at by faults of ours.
SELECT count(*)::text AS answer FROM anamnesis.upload u WHERE u.state = 'scanning' AND u.faults > 0;
