-- patient_choose :one (revision int, language text?, reminders bool?) -> (revision int?)
-- The signed-in patient's choices; NULL when the revision is stale.
SELECT auth.patient_choose($1, $2, $3) FROM (SELECT audit.about((SELECT auth.patient()))) AS whose
