-- job_upload_expire :one! (most int) -> (expired bigint, unshown bigint, released bigint)
-- Moves on at most so many files of each kind whose time is over, and says how many there were.
SELECT e.expired, e.unshown, e.released FROM anamnesis.upload_expire($1) AS e
