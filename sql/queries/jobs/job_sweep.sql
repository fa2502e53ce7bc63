-- job_sweep :one (most int) -> (challenges bigint, sessions bigint, throttles bigint, replies bigint)
-- Deletes at most so many rows of each kind that have served their time, and says how many.
SELECT s.challenges, s.sessions, s.throttles, s.replies FROM auth.sweep($1) AS s
