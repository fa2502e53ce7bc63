-- session_end_one :one (session_id uuid) -> (ended bool)
-- One of the signed-in account's sessions ends.
SELECT auth.session_end_one($1) FROM (SELECT audit.about((SELECT auth.patient()))) AS whose
