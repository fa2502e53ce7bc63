-- session_end_all :one () -> (ended bool)
-- All of them end, this one too.
SELECT auth.session_end_all() IS NULL FROM (SELECT audit.about((SELECT auth.patient()))) AS whose
