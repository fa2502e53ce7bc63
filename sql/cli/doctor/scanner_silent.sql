-- scanner_silent :one () -> (answer text?)
-- For how many minutes no scanner was seen while a file waited for it; 0 when none waits.
SELECT (CASE WHEN count(*) = 0 THEN 0
             ELSE floor(extract(epoch FROM now() - greatest((SELECT s.seen_at FROM anamnesis.scanner s), min(u.completed_at))) / 60)
        END)::bigint::text AS answer
FROM anamnesis.upload u WHERE u.state = 'scanning';
